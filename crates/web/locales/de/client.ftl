### Der Client: Zeitleisten, Beiträge, Leute.

a-post-takes-files = Ein Beitrag nimmt { $count } Dateien auf.
about-the-server = Über
accept = Annehmen
all = Alle
all-servers = Alle Server
animation-without-description = Animation ohne Beschreibung
answer-the-request = Anfrage beantworten
as-it-stands = Wie sie steht
as-usual = Wie üblich
asked-to-follow-you = { $count ->
    [one] möchte dir folgen
   *[other] möchten dir folgen
    }
at-most-characters-around = Höchstens { $count } Zeichen
attached-file = Angehängte Datei
attachments-count = { $count ->
    [one] { $count } Anhang
   *[other] { $count } Anhänge
    }
being-prepared = Wird vorbereitet …
beside = Daneben
block = Blockieren
block-all-of = Alles von { $domain } blockieren
block-this-account-as-well = Dieses Konto auch blockieren
blocked = Blockiert
bookmark = Lesezeichen setzen
boost = Teilen
boosted-your-post = { $count ->
    [one] hat deinen Beitrag geteilt
   *[other] haben deinen Beitrag geteilt
    }
boosts = Geteilt
bottom-left = Unten links
bottom-right = Unten rechts
cancel = Abbrechen
cancel-request = Anfrage zurückziehen
choice-number = Auswahl { $number }
choose-a-time-at-least-five = Wähle eine Zeit, die mindestens fünf Minuten voraus liegt, oder lass das Feld leer, um jetzt zu veröffentlichen.
clear-all = Alle entfernen
closes-after = Endet nach
content-warning = Inhaltswarnung
conversations = Unterhaltungen
delete = Löschen …
delete-and-write-anew = Löschen und neu schreiben
delete-post = Beitrag löschen
delete-this-post = Diesen Beitrag löschen?
describe-it-for-people-who-cannot = Beschreibe es für Menschen, die es nicht sehen können
dismiss = Verwerfen
do-not-post-it = Nicht veröffentlichen
earlier-versions = Frühere Fassungen
edit-post = Beitrag bearbeiten
edit-profile = Profil bearbeiten
edit-scheduled-post = Geplanten Beitrag bearbeiten
edited-mark = bearbeitet
edited-what-you-boosted = { $count ->
    [one] hat einen Beitrag bearbeitet, den du geteilt hast
   *[other] haben einen Beitrag bearbeitet, den du geteilt hast
    }
edited-what-you-quoted = { $count ->
    [one] hat einen Beitrag bearbeitet, den du zitiert hast
   *[other] haben einen Beitrag bearbeitet, den du zitiert hast
    }
emoji = Emojis
favourite = Favorisieren
favourited-your-post = { $count ->
    [one] hat deinen Beitrag favorisiert
   *[other] haben deinen Beitrag favorisiert
    }
favourites = Favoriten
file-too-large = Eine Datei ist zu groß: höchstens { $number } MB sind erlaubt.
filtered-around = Gefiltert: { $title }
follow-requests = Follower-Anfragen
followed-you = { $count ->
    [one] folgt dir jetzt
   *[other] folgen dir jetzt
    }
following = Folgt
follows = Neue Follower
follows-you = Folgt dir
hide-boosts = Geteilte Beiträge ausblenden
hide-counts-until-it-closes = Stimmenzahl bis zum Ende verbergen
hide-pictures-until-asked-for = Bilder erst auf Wunsch zeigen
i-do-not-like-it-or = Es gefällt mir nicht, oder etwas anderes
i-have-read-it = Gelesen
it-breaks-a-rule-of-this = Es verstößt gegen eine Regel dieses Servers
it-is-gone-here-at-once = Hier verschwindet er sofort. Andere Server werden gebeten, ihre Kopien zu löschen.
it-is-illegal = Es ist rechtswidrig
it-is-spam = Es ist Spam
it-quotes-another-post = Er zitiert einen weiteren Beitrag.
it-will-be-posted-at-its = Er wird zu seiner Zeit veröffentlicht.
it-will-not-be-posted = Er wird nicht veröffentlicht.
its-home = seinem Heimatserver
its-place = Ihr Platz
keep = Behalten
keep-it = Behalten
kept-back = Zurückgehalten
kept-back-lead-around = Benachrichtigungen, die deine { $link } aus der Liste fernhalten.
kept-back-link = Vorgaben
kept-back-people = { $count ->
    [one] Benachrichtigungen von einer Person wurden zurückgehalten. Sieh sie dir an.
   *[other] Benachrichtigungen von { $count } Personen wurden zurückgehalten. Sieh sie dir an.
    }
keyboard = Tastatur
kinds = Arten
leave-this-file-out = Diese Datei weglassen
let-in = { $count } hereinlassen
lists-menu = Listen …
main = Hauptmenü
media = Medien
mention = Erwähnen
mentioned-you = { $count ->
    [one] hat dich erwähnt
   *[other] haben dich erwähnt
    }
mentions = Erwähnungen
menu = Menü
more-at-around = Mehr gibt es vielleicht auf { $link }.
more-for = Mehr zu { $name }
mute = Stummschalten
mute-or-block = { $name } stummschalten oder blockieren
mute-this-thread = Unterhaltung stummschalten
muted = Stummgeschaltet
name-server = @name@server
new-in-brackets = (neu)
new-mark = neu
newer = Neuere
no-posts-to-show-here = Hier gibt es keine Beiträge zu sehen.
no-private-mentions-yet = Noch keine privaten Erwähnungen.
no-public-post-with-this-hashtag = Hier ist noch kein öffentlicher Beitrag mit diesem Hashtag bekannt.
no-public-posts-have-come-here = Hierher sind noch keine öffentlichen Beiträge gekommen.
nobody-on-this-server-has-posted = Auf diesem Server hat noch niemand öffentlich geschrieben.
nobody-waits-for-your-answer = Niemand wartet auf deine Antwort.
nobody-yet = Noch niemand.
nothing-found-around = Zu { $query } wurde nichts gefunden. Versuche eine andere Schreibweise oder die ganze Adresse: { $example }.
nothing-has-happened-yet-mentions-favourites = Noch ist nichts passiert. Erwähnungen, Favoriten, geteilte Beiträge und neue Follower erscheinen hier.
nothing-here-yet-add-people-to = Hier ist noch nichts. Nimm Leute in diese Liste auf, dann erscheint hier, was sie schreiben.
nothing-here-yet-search-for-people = Hier ist noch nichts. Suche Leute und folge ihnen: Was sie schreiben, erscheint hier.
nothing-is-bookmarked-a-bookmark-is = Keine Lesezeichen. Ein Lesezeichen ist privat: Niemand erfährt davon.
nothing-is-kept-back = Nichts wird zurückgehalten.
nothing-is-scheduled-a-post-that = Nichts ist geplant. Ein Beitrag, den du schreibst, kann auf seine Zeit warten.
only-for-people-on-this-server = Nur für Leute auf diesem Server
only-here = nur hier
only-the-people-who-are-mentioned = Nur wer erwähnt wird, sieht diese Beiträge. Sie sind nicht verschlüsselt: Die Betreiber der beteiligten Server könnten sie lesen.
only-you-see-it = Nur du siehst sie
open = Öffnen
open-at-its-home = Auf dem Heimatserver öffnen
open-thread = Unterhaltung öffnen
others = { $count ->
    [one] { $count } weitere Person
   *[other] { $count } weitere Personen
    }
overview = Überblick
people = Leute
people-count = { $count ->
    [one] { $count } Person
   *[other] { $count } Personen
    }
people-hashtags-posts-or-an-address = Leute, Hashtags, Beiträge oder eine Adresse
picture-without-description = Bild ohne Beschreibung
pictures-video-or-sound = Bilder, Video oder Ton
pin-to-profile = Im Profil anheften
poll = Umfrage
poll-1-day = 1 Tag
poll-1-hour = 1 Stunde
poll-3-days = 3 Tage
poll-30-minutes = 30 Minuten
poll-5-minutes = 5 Minuten
poll-6-hours = 6 Stunden
poll-7-days = 7 Tage
poll-has-ended = { $count ->
    [one] hatte eine Umfrage, die beendet ist
   *[other] hatten eine Umfrage, die beendet ist
    }
poll-multiple = Umfrage, mehrere Antworten erlaubt
polls = Umfragen
post = Beitrag
post-it-later = Später veröffentlichen
posted = { $count ->
    [one] hat etwas geschrieben
   *[other] haben etwas geschrieben
    }
posts-and-replies = Beiträge und Antworten
posts-of-this-profile = Beiträge dieses Profils
posts-that-wait = Wartende Beiträge
private-mention = Private Erwähnung
private-mentions = Private Erwähnungen
public = Öffentlich
publish = Veröffentlichen
quiet-public = Öffentlich (still)
quote = Zitieren
quoted-your-post = { $count ->
    [one] hat deinen Beitrag zitiert
   *[other] haben deinen Beitrag zitiert
    }
read-the-report = Meldung lesen
read-the-text-as-markdown = Text als Markdown lesen
reject = Ablehnen
remove-as-follower = Als Follower entfernen
reply = Antworten
report = Melden …
report-title = Melden
report-whom = { $name } melden
scheduled-posts = Geplante Beiträge
search = Suche
send-it-to-the-moderators-there = Auch an die dortige Moderation senden, ohne meinen Namen
send-report = Meldung senden
sent-a-report = { $count ->
    [one] hat eine Meldung gesendet
   *[other] haben eine Meldung gesendet
    }
sent-you-a-warning = { $count ->
    [one] hat dir eine Verwarnung zu deinem Konto geschickt
   *[other] haben dir eine Verwarnung zu deinem Konto geschickt
    }
several-choices-allowed = Mehrere Antworten erlaubt
show-boosts = Geteilte Beiträge anzeigen
signed-up = { $count ->
    [one] hat sich registriert
   *[other] haben sich registriert
    }
somebody = Jemand
sound-without-description = Ton ohne Beschreibung
stop-telling-me = Nicht mehr über Beiträge benachrichtigen
tell-me = Über Beiträge benachrichtigen
text-of-the-post = Text des Beitrags
the-bottom = Unten
the-chosen-point = Der gewählte Punkt
the-form-broke-off-on-its = Das Formular kam nicht vollständig an.
the-left = Links
the-middle = Mitte
the-moderators-of-this-server-read = Die Moderation dieses Servers liest es. Die gemeldete Person erfährt nicht, von wem es kommt.
the-post = Der Beitrag
the-post-it-is-about = Der Beitrag, um den es geht
the-quoted-author-has-not-agreed = Wer zitiert wird, hat diesem Zitat nicht zugestimmt.
the-quoted-post-is-not-for = Den zitierten Beitrag darfst du nicht sehen.
the-quoted-post-was-deleted = Der zitierte Beitrag wurde gelöscht.
the-right = Rechts
the-server-is-busy-nothing-is = Der Server ist beschäftigt. Nichts ist verloren: Versuche es noch einmal.
the-servers-disk-is-full-so = Die Festplatte des Servers ist voll, darum wurde die Datei nicht behalten. Sag es den Betreibern.
the-top = Oben
the-upload-broke-off-on-its = Die Datei kam nicht vollständig an.
there-was-no-file-in-the = Im Formular war keine Datei.
these-are-too-many-files = Das sind zu viele Dateien.
this-is-no-time-write-it = Das ist keine Zeit; schreibe sie so: 2026-12-24T18:00.
this-person-does-not-show-whom = Diese Person zeigt nicht, wen sie kennt.
this-server = Dieser Server
thread = Unterhaltung
too-many-pages-are-open-at = Zu viele Seiten sind zugleich geöffnet, oder der Server startet neu.
top-left = Oben links
top-right = Oben rechts
two-people-around = { $first } und { $second }
type-a-name-a-word-or = Gib einen Namen, ein Wort oder einen #Hashtag ein. Füge die Adresse eines Beitrags oder Profils auf einem anderen Server ein, um es hier zu öffnen.
unblock = Blockierung aufheben
unblock-all-of = Blockierung von { $domain } aufheben
unmute = Stummschaltung aufheben
unmute-this-thread = Stummschaltung der Unterhaltung aufheben
unpin-from-profile = Vom Profil lösen
up-to = Bis zu { $count }.
upload-and-describe = Hochladen und beschreiben
versions = Fassungen
versions-of-a-post = Fassungen eines Beitrags
video-without-description = Video ohne Beschreibung
vote = Abstimmen
warning-pictures-poll-language-time = Warnung, Bilder, Umfrage, Sprache, Zeit
what-should-we-know = Was sollten wir wissen?
what-this-answers-or-a-file = Worauf dies antwortet, oder eine Datei davon, gibt es nicht mehr.
what-would-you-like-to-say = Was möchtest du sagen?
where-it-is-cut-this-stays = Wo es beschnitten wird, bleibt das zu sehen
who-liked-it = Wem es gefiel
who-may-see-it = Wer es sehen darf
why = Warum
with-files = { $count ->
    [one] Mit { $count } Datei
   *[other] Mit { $count } Dateien
    }
write-one = Eine schreiben
write-something-first-or-add-a = Schreibe erst etwas, oder füge ein Bild hinzu.
you-alone = Nur du
you-block-nobody = Du blockierst niemanden.
you-have-not-favourited-anything-yet = Du hast noch nichts favorisiert.
you-have-posted-very-often-in = Du hast in den letzten Stunden sehr oft geschrieben. Warte eine Weile; der Text bleibt hier.
you-have-uploaded-very-much-lately = Du hast zuletzt sehr viel hochgeladen. Warte eine halbe Stunde.
you-mute-nobody = Du hast niemanden stummgeschaltet.
your-private-note = Deine private Notiz
your-profile = Dein Profil
your-reply = Deine Antwort
your-session-has-ended-sign-in = Deine Sitzung ist beendet. Melde dich wieder an; was du geschrieben hast, ist noch da.
your-words-on-it = Deine Worte dazu
