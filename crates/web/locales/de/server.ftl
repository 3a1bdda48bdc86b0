### Den Server betreiben.

a-new-announcement = Eine neue Ankündigung
a-new-emoji = Ein neues Emoji
a-new-rule = Eine neue Regel
a-rule-for-a-server = Eine Regel für einen Server
account-that-answers-for-the-server = Konto, das für den Server spricht
add-the-emoji = Emoji hinzufügen
add-the-rule = Regel hinzufügen
addresses-become-links-custom-emoji = Adressen werden zu Links; eigene Emojis gehen auch.
all-is-well = Alles in Ordnung.
animations = Animationen
announce-it = Ankündigen
backups = Sicherungen
cache-bound = Höchstens { $bytes }; was am längsten niemand angesehen hat, geht zuerst.
certificates = Zertifikate
csv-as-mastodon-exports-it = CSV, wie Mastodon es exportiert
custom-emoji = Eigene Emojis
cut-off = Abgeschnitten
cut-off-nothing-comes-or-goes = Abgeschnitten: nichts kommt oder geht
deliveries-that-wait = Wartende Zustellungen
deliveries-to-that-server-are-tried = Zustellungen an diesen Server werden jetzt versucht.
deliveries-waiting = wartende Zustellungen
discard = Verwerfen
does-not-answer = antwortet nicht
done = Erledigt
done-with-it = Erledigt
down = Nach unten
edge-heard-around = Edge { $address }, gehört { $time }.
edge-not-heard = Edge meldet sich nicht
emoji-of-this-server = Emojis dieses Servers
empty-shows-a-short-one-that = Leer zeigt eine kurze, die auf jeden Server dieser Art passt.
end-it-now = Jetzt beenden
everybody-can-read-it-may-be = Alle können sie lesen; darf leer sein.
everybody-here-sees-it-on-their = Alle hier sehen sie auf ihrer Startseite, bis sie sie gelesen haben.
explanation = Erklärung
export = Exportieren
failed-for-good = Endgültig gescheitert
files-count = { $count ->
    [one] { $count } Datei
   *[other] { $count } Dateien
    }
from-a-file-whoever-put-it = Aus einer Datei; wer sie hingelegt hat, erneuert sie.
good-until-around = Gültig bis { $time }.
heading-in-the-picker = Überschrift in der Auswahl
here-this-month = diesen Monat hier
host-waits = { $count } warten seit { $since }, nächster Versuch { $next }
identity-capsule-written = Identitätskapsel geschrieben
in-one-or-two-sentences = In einem oder zwei Sätzen
it-can-be-used-now = Es kann jetzt benutzt werden.
it-ended-the-process = Sie hat den Prozess beendet.
it-ends-and-is-not-shown = Sie endet und wird nicht mehr gezeigt
it-is-gone = Gelöscht.
it-is-not-shown-any-more = Sie wird nicht mehr gezeigt.
it-is-tried-again-now = Es wird jetzt noch einmal versucht.
its-name = Sein Name
job-tried = { $made }, { $count }-mal versucht
jobs-failed = { $count ->
    [one] Eine Aufgabe ist endgültig gescheitert.
   *[other] { $count } Aufgaben sind endgültig gescheitert.
    }
jobs-that-wait = Wartende Aufgaben
jobs-waiting = wartende Aufgaben
keep-none-of-its-files = Keine seiner Dateien behalten
kept-of-other-servers = Von anderen Servern behalten
last-proved-restore = Letzte geprüfte Wiederherstellung, { $rows } Zeilen und { $files } Dateien
last-refused-around = Die letzte wurde endgültig abgelehnt { $time }.
last-saved = Zuletzt gesichert
last-went-around = Die letzte ging hinaus { $time }.
less-than-a-cent = weniger als 0.01 $
let-in-but-see-below = Hereingelassen, aber siehe unten
let-in-word = Hereingelassen
letters-digits-and-underscores-people = Buchstaben, Ziffern und Unterstriche; geschrieben wird er zwischen Doppelpunkten. Eines mit demselben Namen wird ersetzt.
lift-the-suspension = Sperre aufheben
limited-seen-by-followers-only = Eingeschränkt: nur Follower sehen ihn
line-number = Zeile { $number }: { $reason }
mail-address-for-questions = E-Mail-Adresse für Fragen
mail-goes-by = E-Mails gehen über { $host }, Port { $port }.
mail-goes-by-ses = E-Mails gehen über Amazon SES.
mail-into-files = E-Mails werden in Dateien auf diesem Rechner geschrieben; nichts wird verschickt. Der Abschnitt [mail] der Einstellungen sagt, wie sie verschickt werden.
mails-wait = { $count ->
    [one] Eine E-Mail wartet
   *[other] { $count } E-Mails warten
    }
may-be-empty-then-there-are = Darf leer sein: Dann gibt es keine.
money-a-month = { $bytes }, { $money } im Monat
money-around = Die Dateien unten kosten etwa { $money } Speicher im Monat. Der Abschnitt [budget] der Einstellungen sagt, was dich ein Gigabyte kostet.
more-about-it = Mehr darüber
no-backups-around = Es werden keine gemacht: Geht dieser Rechner verloren, geht alles verloren. { $repository } und { $password } in den Einstellungen schalten sie ein.
no-certificate = kein Zertifikat
no-edge-of-this-server-has = Kein Edge dieses Servers hat sich seit dem Start gemeldet, darum ist nichts bekannt. Steht ein anderer Proxy davor, wacht der über sein Zertifikat.
no-files = keine Dateien
no-files-yet = Noch keine Dateien.
no-house-rules-yet = Noch sind keine Regeln aufgeschrieben.
no-mail-waits = Keine E-Mail wartet.
no-report-is-done-with-yet = Noch ist keine Meldung erledigt.
no-report-waits = Keine Meldung wartet.
no-reports = keine Meldungen
none = Keine.
none-everything-has-arrived = Keine. Alles ist angekommen.
none-everything-that-was-begun-has = Keine. Alles, was begonnen wurde, ist getan oder wird noch versucht.
not-in-the-picker = nicht in der Auswahl
not-tried-yet = Noch nicht versucht
note-for-you = Für dich: { $note }
nothing-is-kept-now = Zurzeit wird nichts behalten.
nothing-was-announced-yet = Noch wurde nichts angekündigt.
nothing-was-counted-yet = Noch wurde nichts gezählt.
on-the-front-page-and-where = Auf der Hauptseite, und wo Apps Server zeigen.
once-saved-here-the-settings-file = Sobald hier gespeichert, wird die Einstellungsdatei danach nicht mehr gefragt.
open-it-again = Wieder öffnen
ordered-anew-around = Neu bestellt { $time }.
other = Anderes
over = Vorbei
people-agree-to-them-when-they = Wer sich registriert, stimmt ihnen zu, und Meldungen nennen sie.
people-reach-this-server-by-plain = Dieser Server ist über einfaches http zu erreichen, darum gibt es keines.
people-whose-posts-bring-most = Leute, deren Beiträge am meisten mitbringen
picture-png-gif-or-webp-up = Bild: PNG, GIF oder WebP, bis 256 kB
pictures = Bilder
posts-a-week = Beiträge pro Woche
posts-count = { $count ->
    [one] { $count } Beitrag
   *[other] { $count } Beiträge
    }
reason-for-everybody = Grund, für alle
reason-for-yourself = Grund, für dich selbst
report-about-around = Über { $account }
report-from-around = Von { $account }
reports-wait = { $count ->
    [one] Eine Meldung wartet auf dich.
   *[other] { $count } Meldungen warten auf dich.
    }
retry-now = Jetzt versuchen
rule = Regel
rules-from-a-file = Regeln aus einer Datei
saving-shows-it-again-to-those = Nach dem Speichern sehen sie auch die noch einmal, die sie schon gelesen haben.
scheduled = Geplant
servers-whose-posts-bring-most = Server, deren Beiträge am meisten mitbringen
set-the-rule = Regel setzen
show-days-only-without-the-hour = Nur Tage zeigen, ohne Uhrzeit
show-it-from-if-not-now = Zeigen ab, wenn nicht sofort
show-it-in-the-picker = In der Auswahl zeigen
show-its-name-to-the-public = Seinen Namen öffentlich nur teilweise zeigen
shown = Gezeigt
shown-from-around = ab { $time }
shown-from-until-around = von { $start } bis { $end }
since-tried-around = seit { $time }; jede wird anderthalb Tage lang erneut versucht.
small-print = Kleingedrucktes
sound = Ton
stands-on-the-about-page-addresses = Steht auf der Seite „Über“. Adressen werden zu Links.
suspend-the-account = Konto sperren
suspended = gesperrt
take-none-of-its-reports = Keine seiner Meldungen annehmen
the-name-before-the-empty-is = Der Name vor dem @; leer heißt: die Betreiberin oder der Betreiber.
there-are-no-rules-every-server = Es gibt keine Regeln: Jeder Server wird hereingelassen.
there-are-none-yet = Noch gibt es keine.
this-week = { $value } diese Woche
up = Nach oben
uploads-of-people-here = Was Leute hier hochgeladen haben
videos = Videos
waiting = Offen
week-of = Woche ab { $day }
what-becomes-of-it = Was mit ihm geschieht
what-is-announced = Was angekündigt wird
what-it-announces-begins = Das Angekündigte beginnt
where-a-deleted-one-was-used = Wo ein gelöschtes benutzt wurde, steht sein Name.
who-takes-most = Wer am meisten braucht
whom-to-ask = Wen man fragt
write-it-anew = Neu schreiben
write-something-first = Schreibe erst etwas
