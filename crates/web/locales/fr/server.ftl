### Gérer le serveur.

a-new-announcement = Une nouvelle annonce
a-new-emoji = Un nouvel émoji
a-new-rule = Une nouvelle règle
a-rule-for-a-server = Une règle pour un serveur
account-that-answers-for-the-server = Compte qui répond pour le serveur
add-the-emoji = Ajouter l’émoji
add-the-rule = Ajouter la règle
addresses-become-links-custom-emoji = Les adresses deviennent des liens ; les émojis personnalisés fonctionnent.
all-is-well = Tout va bien.
animations = Animations
announce-it = L’annoncer
backups = Sauvegardes
cache-bound = Au plus { $bytes } ; ce que personne n’a regardé depuis le plus longtemps part en premier.
certificates = Certificats
csv-as-mastodon-exports-it = CSV, tel que Mastodon l’exporte
custom-emoji = Émojis personnalisés
cut-off = Coupé
cut-off-nothing-comes-or-goes = Coupé : rien ne vient ni ne part
deliveries-that-wait = Envois en attente
deliveries-to-that-server-are-tried = Les envois vers ce serveur sont tentés maintenant.
deliveries-waiting = envois en attente
discard = Abandonner
does-not-answer = ne répond pas
done = Traités
done-with-it = Traité
down = Descendre
edge-heard-around = Edge { $address }, entendu { $time }.
edge-not-heard = edge muet
emoji-of-this-server = Émojis de ce serveur
empty-shows-a-short-one-that = Vide affiche une politique courte qui convient à tout serveur de ce genre.
end-it-now = La terminer maintenant
everybody-can-read-it-may-be = Tout le monde peut la lire ; peut rester vide.
everybody-here-sees-it-on-their = Tout le monde ici la voit sur son accueil jusqu’à l’avoir lue.
explanation = Explication
export = Exporter
failed-for-good = Échecs définitifs
files-count = { $count ->
    [one] { $count } fichier
   *[other] { $count } fichiers
    }
from-a-file-whoever-put-it = Vient d’un fichier ; qui l’a mis là le renouvelle.
good-until-around = Valable jusqu’au { $time }.
heading-in-the-picker = Titre dans le sélecteur
here-this-month = venus ce mois-ci
host-waits = { $count } en attente depuis { $since }, prochain essai { $next }
identity-capsule-written = Capsule d’identité écrite
in-one-or-two-sentences = En une ou deux phrases
it-can-be-used-now = On peut l’utiliser maintenant.
it-ended-the-process = Elle a mis fin au processus.
it-ends-and-is-not-shown = Elle se termine et n’est plus affichée
it-is-gone = C’est supprimé.
it-is-not-shown-any-more = Elle n’est plus affichée.
it-is-tried-again-now = Nouvel essai en cours.
its-name = Son nom
job-tried = { $made }, { $count } essais
jobs-failed = { $count ->
    [one] Une tâche a définitivement échoué.
   *[other] { $count } tâches ont définitivement échoué.
    }
jobs-that-wait = Tâches en attente
jobs-waiting = tâches en attente
keep-none-of-its-files = Ne garder aucun de ses fichiers
kept-of-other-servers = Gardé des autres serveurs
last-proved-restore = Dernière restauration prouvée, { $rows } lignes et { $files } fichiers
last-refused-around = Le dernier a été refusé définitivement { $time }.
last-saved = Dernière sauvegarde
last-went-around = Le dernier est parti { $time }.
less-than-a-cent = moins de 0.01 $
let-in-but-see-below = Admis, mais voir ci-dessous
let-in-word = Admis
letters-digits-and-underscores-people = Lettres, chiffres et tirets bas ; on l’écrit entre deux-points. Un émoji du même nom est remplacé.
lift-the-suspension = Lever la suspension
limited-seen-by-followers-only = Limité : vu seulement par les abonnés
line-number = ligne { $number } : { $reason }
mail-address-for-questions = Adresse e-mail pour les questions
mail-goes-by = Les e-mails passent par { $host }, port { $port }.
mail-goes-by-ses = Les e-mails passent par Amazon SES.
mail-into-files = Les e-mails sont écrits dans des fichiers sur cette machine ; rien n’est envoyé. La section [mail] des paramètres dit comment les envoyer.
mails-wait = { $count ->
    [one] Un e-mail attend
   *[other] { $count } e-mails attendent
    }
may-be-empty-then-there-are = Peut rester vide : il n’y en a alors pas.
money-a-month = { $bytes }, { $money } par mois
money-around = Les fichiers ci-dessous coûtent environ { $money } de stockage par mois. La section [budget] des paramètres dit ce que vous coûte un gigaoctet.
more-about-it = Pour en dire plus
no-backups-around = Il n’y en a pas : si cette machine est perdue, tout est perdu. { $repository } et { $password } dans les paramètres les mettent en route.
no-certificate = pas de certificat
no-edge-of-this-server-has = Aucun edge de ce serveur ne s’est manifesté depuis le démarrage, on ne sait donc rien. Si un autre proxy est placé devant, c’est lui qui surveille son certificat.
no-files = pas de fichiers
no-files-yet = Pas encore de fichiers.
no-house-rules-yet = Aucune règle n’est encore écrite.
no-mail-waits = Aucun e-mail n’attend.
no-report-is-done-with-yet = Aucun signalement n’est encore traité.
no-report-waits = Aucun signalement n’attend.
no-reports = pas de signalements
none = Aucune.
none-everything-has-arrived = Aucun. Tout est arrivé.
none-everything-that-was-begun-has = Aucune. Tout ce qui a été commencé est fait ou encore en cours d’essai.
not-in-the-picker = pas dans le sélecteur
not-tried-yet = Pas encore essayé
note-for-you = Pour vous : { $note }
nothing-is-kept-now = Rien n’est gardé pour l’instant.
nothing-was-announced-yet = Rien n’a encore été annoncé.
nothing-was-counted-yet = Rien n’a encore été compté.
on-the-front-page-and-where = Sur la page d’accueil, et là où les applications montrent les serveurs.
once-saved-here-the-settings-file = Une fois enregistré ici, le fichier de paramètres n’est plus consulté pour cela.
open-it-again = Le rouvrir
ordered-anew-around = Nouvelle commande { $time }.
other = Autre
over = Terminée
people-agree-to-them-when-they = On les accepte en s’inscrivant, et les signalements les nomment.
people-reach-this-server-by-plain = On joint ce serveur en http simple, il n’y en a donc pas.
people-whose-posts-bring-most = Personnes dont les messages en apportent le plus
picture-png-gif-or-webp-up = Image : PNG, GIF ou WebP, jusqu’à 256 ko
pictures = Images
posts-a-week = Messages par semaine
posts-count = { $count ->
    [one] { $count } message
   *[other] { $count } messages
    }
reason-for-everybody = Raison, pour tout le monde
reason-for-yourself = Raison, pour vous-même
report-about-around = Au sujet de { $account }
report-from-around = De { $account }
reports-wait = { $count ->
    [one] Un signalement vous attend.
   *[other] { $count } signalements vous attendent.
    }
retry-now = Réessayer maintenant
rule = Règle
rules-from-a-file = Règles d’un fichier
saving-shows-it-again-to-those = L’enregistrer la montre de nouveau à qui l’a lue.
scheduled = Programmée
servers-whose-posts-bring-most = Serveurs dont les messages en apportent le plus
set-the-rule = Appliquer la règle
show-days-only-without-the-hour = N’afficher que les jours, sans l’heure
show-it-from-if-not-now = L’afficher à partir de, si ce n’est pas maintenant
show-it-in-the-picker = L’afficher dans le sélecteur
show-its-name-to-the-public = Ne montrer son nom au public qu’en partie
shown = Affichée
shown-from-around = à partir du { $time }
shown-from-until-around = du { $start } au { $end }
since-tried-around = depuis { $time } ; chacun est réessayé pendant un jour et demi.
small-print = Mentions légales
sound = Son
stands-on-the-about-page-addresses = Figure sur la page « À propos ». Les adresses deviennent des liens.
suspend-the-account = Suspendre le compte
suspended = suspendu
take-none-of-its-reports = N’accepter aucun de ses signalements
the-name-before-the-empty-is = Le nom avant le @ ; vide désigne le propriétaire.
there-are-no-rules-every-server = Il n’y a pas de règles : tous les serveurs sont admis.
there-are-none-yet = Il n’y en a pas encore.
this-week = { $value } cette semaine
up = Monter
uploads-of-people-here = Fichiers envoyés par les gens d’ici
videos = Vidéos
waiting = En attente
week-of = Semaine du { $day }
what-becomes-of-it = Ce qu’il devient
what-is-announced = Ce qui est annoncé
what-it-announces-begins = Début de ce qu’elle annonce
where-a-deleted-one-was-used = Là où un émoji supprimé était utilisé, son nom reste.
who-takes-most = Qui prend le plus de place
whom-to-ask = À qui s’adresser
write-it-anew = La réécrire
write-something-first = Écrivez d’abord quelque chose
