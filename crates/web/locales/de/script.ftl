### Was Skripte sagen.

first-already = Sie ist schon die erste.
last-already = Sie ist schon die letzte.
number-now = Sie ist jetzt Nummer { $number }.
what-stays-in-view = Was zu sehen bleibt
take-this-point = Diesen Punkt nehmen
the-chosen-point = Der gewählte Punkt
cancel = Abbrechen
earlier = Früher
later = Später
choose-a-point = Punkt wählen
did-not-work = Das hat nicht geklappt. Lade die Seite neu und versuche es noch einmal.
offline-old = Du bist offline. Was du siehst, kann alt sein; was du schreibst, bleibt auf diesem Gerät.
discard = Verwerfen
draft-is-back = Dein Entwurf ist wieder da.
uploading = { $name } wird hochgeladen
not-uploaded = { $name } wurde nicht hochgeladen. Versuche es noch einmal, oder mit einer kleineren Datei.
not-uploaded-no-server = { $name } wurde nicht hochgeladen: Der Server ist nicht erreichbar.
file-on-its-way = Eine Datei ist noch unterwegs.
text-is-still-here = Das hat nicht geklappt. Dein Text ist noch da; lade die Seite neu und versuche es noch einmal.
posted = Veröffentlicht.
crop-drag = Der Teil, der zu sehen ist. Ziehe ihn, oder bewege ihn mit den Pfeiltasten.
crop-closer = Näher
crop-take = Diesen Teil nehmen
crop-which = Welcher Teil ist zu sehen?
keyboard = Tastatur
keys-posts = Nächster, voriger Beitrag
keys-open = Beitrag öffnen
keys-deeds = Antworten, teilen, favorisieren, Lesezeichen
keys-warning = Zeigen oder verbergen, was hinter einer Warnung steht
keys-write = Einen Beitrag schreiben
keys-search = Suche
keys-places = Startseite, Benachrichtigungen, dieser Server, alle Server, private Erwähnungen
keys-send = Abschicken, was du schreibst
keys-list = Diese Liste
close = Schließen
new-posts = { $count ->
    [one] { $count } neuen Beitrag anzeigen
   *[other] { $count } neue Beiträge anzeigen
    }
something-new = Es gibt etwas Neues. Lade die Seite neu, um es zu sehen.
no-server = Der Server ist nicht erreichbar. Nichts wurde geändert; versuche es noch einmal.
offline = Du bist offline. Nichts wurde geändert.
too-often = Das war etwas oft. Warte ein paar Minuten.
server-busy = Der Server ist beschäftigt oder startet neu. Nichts wurde geändert; versuche es noch einmal.
now = jetzt
minutes = { $number } Min.
hours = { $number } Std.
days = { $number } T.
push-not-allowed = Dieser Browser lässt die Seite keine Benachrichtigungen zeigen. So steht es in seinen Einstellungen für diese Website.
push-not-taken = Der Server hat die Anmeldung nicht angenommen. Lade die Seite neu und versuche es noch einmal.
push-cannot = Dieser Browser kann keine Benachrichtigungen von Seiten zeigen.
push-service-away = Der Push-Dienst des Browsers ist nicht erreichbar. Versuche es später noch einmal.
suggestions = Vorschläge
picture = Bild
picture-before = Voriges Bild
picture-next = Nächstes Bild
