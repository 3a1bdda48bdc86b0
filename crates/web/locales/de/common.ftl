### Wörter, die mehrere Teile brauchen.

about-named = Über { $name }
about-this-server = Über diesen Server
accounts-noun = { $count ->
    [one] Konto
   *[other] Konten
    }
ago-days = { $number } T.
ago-hours = { $number } Std.
ago-minutes = { $number } Min.
ago-now = jetzt
announcement = Ankündigung
announcements = Ankündigungen
approves-followers = Bestätigt Follower
april = April
august = August
automated = Automatisiert
back = Zurück
bookmarks = Lesezeichen
boosted-around = { $name } teilte
change = Ändern
closes-around = endet { $time }
date = { $day }. { $month } { $year }
date-and-time = { $day }. { $month } { $year }, { $time } UTC
december = Dezember
delete-now = Löschen
edit = Bearbeiten
edit-list = Liste bearbeiten
edited = Bearbeitet
edited-around = bearbeitet { $time }
february = Februar
filters = Filter
follow = Folgen
followed-hashtags = Gefolgte Hashtags
followers = Follower
followers-noun = { $count ->
    [one] Follower
   *[other] Follower
    }
following-noun = { $count ->
    [one] Gefolgter
   *[other] Gefolgte
    }
hashtags = Hashtags
here-since = Dabei seit { $day }
home = Startseite
house-rules = Hausregeln
import = Importieren
in-reply-to-around = Als Antwort auf { $name }
it-is = Das { $reason }.
january = Januar
jobs-and-deliveries = Aufgaben und Zustellungen
july = Juli
june = Juni
language = Sprache
link-checked-on = Link geprüft am { $day }
lists = Listen
mail = E-Mail
march = März
may-month = Mai
more = Mehr
moved-to-around = Dieses Konto ist umgezogen: { $account }.
name = Name
new-post = Neuer Beitrag
newer-posts = Neuere Beiträge
notifications = Benachrichtigungen
november = November
october = Oktober
older = Ältere
older-posts = Ältere Beiträge
only-on-this-server = nur auf diesem Server
other-servers = Andere Server
pages = Seiten
pinned = Angeheftet
posts = Beiträge
posts-noun = { $count ->
    [one] Beitrag
   *[other] Beiträge
    }
privacy-policy = Datenschutzerklärung
remove = Entfernen
replies = Antworten
reports = Meldungen
rules = Regeln
save = Speichern
saved = Gespeichert.
sensitive-media = Medien mit heiklem Inhalt
september = September
server = Server
servers-noun = { $count ->
    [one] bekannter Server
   *[other] bekannte Server
    }
settings = Einstellungen
show = Anzeigen
show-the-usual-one = Das übliche Bild anzeigen
sign-out = Abmelden
skip-to-content = Zum Inhalt springen
terms-of-service = Nutzungsbedingungen
the-form-is-too-large = Das Formular ist zu groß.
unfollow = Entfolgen
whom-you-block = Wen du blockierst
whom-you-mute = Wen du stummgeschaltet hast
wide-picture = Titelbild
your-lists = Deine Listen
