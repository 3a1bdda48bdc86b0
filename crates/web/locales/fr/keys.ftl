### Clés de sécurité et clés d’accès.

a-key-that-you-plug-in = Une clé que vous branchez ou approchez de votre appareil, ou une clé d’accès qui s’y trouve. À la connexion, elle remplace le code.
a-security-key-is-asked-for = Une clé de sécurité est demandée à la place d’un code. Configurez d’abord les codes : ils vous laissent entrer si la clé est perdue.
add-a-security-key = Ajouter une clé de sécurité
add-the-key = Ajouter la clé
added-around = ajoutée { $time }
adding-a-key-needs-a-browser = Pour ajouter une clé, il faut un navigateur qui connaît les clés de sécurité et exécute le script de cette page.
give-it-a-name-by-which = Donnez-lui un nom auquel vous la reconnaîtrez. Touchez-la ensuite quand votre navigateur vous le demande.
go-on-with-the-key = Continuer
keys-work-under-the-address = Les clés ne valent qu’à l’adresse { $address }. Ouvrez cette page à cette adresse.
lets-you-in-no-more-around = { $name } ne vous laissera plus entrer. Tous les autres navigateurs sont déconnectés.
name-of-the-key = Nom de la clé
no-key-answered = Aucune clé n’a répondu. Réessayez et touchez-la quand votre navigateur vous le demande.
none-a-key-takes-the-place = Aucune. Une clé remplace le code.
or-enter-a-code = ou saisissez un code
remove-a-security-key = Retirer une clé de sécurité
remove-it = Retirer la clé
security-keys-and-passkeys = Clés de sécurité et clés d’accès
set-up-codes = Configurer les codes
the-browser-could-not-ask = Le navigateur n’a pas pu interroger la clé. Réessayez.
the-security-key-is-removed = La clé de sécurité est retirée. Les autres navigateurs ont été déconnectés.
this-key-was-added-already = Cette clé a déjà été ajoutée.
use-your-security-key = Utiliser votre clé de sécurité
your-security-key-is-added = Votre clé de sécurité est ajoutée.
