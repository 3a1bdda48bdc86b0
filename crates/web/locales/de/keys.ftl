### Sicherheitsschlüssel und Passkeys.

a-key-that-you-plug-in = Ein Schlüssel, den du einsteckst oder an dein Gerät hältst, oder ein Passkey darauf. Beim Anmelden tritt er an die Stelle des Codes.
a-security-key-is-asked-for = Nach einem Sicherheitsschlüssel wird anstelle eines Codes gefragt. Richte zuerst Codes ein: Mit ihnen kommst du hinein, wenn der Schlüssel verloren ist.
add-a-security-key = Sicherheitsschlüssel hinzufügen
add-the-key = Schlüssel hinzufügen
added-around = hinzugefügt { $time }
adding-a-key-needs-a-browser = Um einen Schlüssel hinzuzufügen, braucht es einen Browser, der Sicherheitsschlüssel kennt und das Skript dieser Seite ausführt.
give-it-a-name-by-which = Gib ihm einen Namen, an dem du ihn wiedererkennst. Berühre ihn dann, wenn dein Browser dich darum bittet.
go-on-with-the-key = Weiter
keys-work-under-the-address = Schlüssel gelten nur unter der Adresse { $address }. Öffne diese Seite dort.
lets-you-in-no-more-around = { $name } lässt dich nicht mehr hinein. Alle anderen Browser werden abgemeldet.
name-of-the-key = Name des Schlüssels
no-key-answered = Kein Schlüssel hat geantwortet. Versuche es noch einmal und berühre ihn, wenn dein Browser dich darum bittet.
none-a-key-takes-the-place = Keine. Ein Schlüssel tritt an die Stelle des Codes.
or-enter-a-code = oder gib einen Code ein
remove-a-security-key = Sicherheitsschlüssel entfernen
remove-it = Schlüssel entfernen
security-keys-and-passkeys = Sicherheitsschlüssel und Passkeys
set-up-codes = Codes einrichten
the-browser-could-not-ask = Der Browser konnte den Schlüssel nicht fragen. Versuche es noch einmal.
the-security-key-is-removed = Der Sicherheitsschlüssel ist entfernt. Andere Browser wurden abgemeldet.
this-key-was-added-already = Dieser Schlüssel wurde schon hinzugefügt.
use-your-security-key = Sicherheitsschlüssel verwenden
your-security-key-is-added = Dein Sicherheitsschlüssel ist hinzugefügt.
