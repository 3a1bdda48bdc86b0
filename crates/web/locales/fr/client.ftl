### Le client : fils, messages, personnes.

a-post-takes-files = Un message accepte { $count } fichiers.
about-the-server = À propos
accept = Accepter
all = Toutes
all-servers = Tous les serveurs
animation-without-description = Animation sans description
answer-the-request = Répondre à la demande
as-it-stands = Telle quelle
as-usual = Comme d’habitude
asked-to-follow-you = { $count ->
    [one] demande à vous suivre
   *[other] demandent à vous suivre
    }
at-most-characters-around = Au plus { $count } caractères
attached-file = Fichier joint
attachments-count = { $count ->
    [one] { $count } pièce jointe
   *[other] { $count } pièces jointes
    }
being-prepared = En préparation…
beside = À côté
block = Bloquer
block-all-of = Bloquer tout { $domain }
block-this-account-as-well = Bloquer aussi ce compte
blocked = Bloqués
bookmark = Ajouter aux marque-pages
boost = Partager
boosted-your-post = { $count ->
    [one] a partagé votre message
   *[other] ont partagé votre message
    }
boosts = Partages
bottom-left = En bas à gauche
bottom-right = En bas à droite
cancel = Annuler
cancel-request = Annuler la demande
choice-number = Choix { $number }
choose-a-time-at-least-five = Choisissez une heure au moins cinq minutes plus tard, ou laissez le champ vide pour publier maintenant.
clear-all = Tout effacer
closes-after = Se termine après
content-warning = Avertissement de contenu
conversations = Conversations
delete = Supprimer…
delete-and-write-anew = Supprimer et réécrire
delete-post = Supprimer le message
delete-this-post = Supprimer ce message ?
describe-it-for-people-who-cannot = Décrivez-le pour les personnes qui ne peuvent pas le voir
dismiss = Ignorer
do-not-post-it = Ne pas le publier
earlier-versions = Versions précédentes
edit-post = Modifier le message
edit-profile = Modifier le profil
edit-scheduled-post = Modifier le message programmé
edited-mark = modifié
edited-what-you-boosted = { $count ->
    [one] a modifié un message que vous avez partagé
   *[other] ont modifié un message que vous avez partagé
    }
edited-what-you-quoted = { $count ->
    [one] a modifié un message que vous avez cité
   *[other] ont modifié un message que vous avez cité
    }
emoji = Émojis
favourite = Ajouter aux favoris
favourited-your-post = { $count ->
    [one] a ajouté votre message à ses favoris
   *[other] ont ajouté votre message à leurs favoris
    }
favourites = Favoris
file-too-large = Un fichier est trop volumineux : le maximum est de { $number } Mo.
filtered-around = Filtré : { $title }
follow-requests = Demandes d’abonnement
followed-you = { $count ->
    [one] vous suit
   *[other] vous suivent
    }
following = Abonnements
follows = Nouveaux abonnés
follows-you = Vous suit
hide-boosts = Masquer les partages
hide-counts-until-it-closes = Cacher les votes jusqu’à la fin
hide-pictures-until-asked-for = Cacher les images jusqu’à ce qu’on les demande
i-do-not-like-it-or = Cela ne me plaît pas, ou autre chose
i-have-read-it = J’ai lu
it-breaks-a-rule-of-this = Cela enfreint une règle de ce serveur
it-is-gone-here-at-once = Il disparaît d’ici aussitôt. On demande aux autres serveurs de supprimer leurs copies.
it-is-illegal = C’est illégal
it-is-spam = C’est du spam
it-quotes-another-post = Il cite un autre message.
it-will-be-posted-at-its = Il sera publié à son heure.
it-will-not-be-posted = Il ne sera pas publié.
its-home = son serveur d’origine
its-place = Sa place
keep = Garder
keep-it = Le garder
kept-back = Mises de côté
kept-back-lead-around = Les notifications que vos { $link } tiennent hors de la liste.
kept-back-link = préférences
kept-back-people = { $count ->
    [one] Les notifications d’une personne ont été mises de côté. Les voir.
   *[other] Les notifications de { $count } personnes ont été mises de côté. Les voir.
    }
keyboard = Clavier
kinds = Types
leave-this-file-out = Laisser ce fichier de côté
let-in = En laisser entrer { $count }
lists-menu = Listes…
main = Navigation principale
media = Médias
mention = Mentionner
mentioned-you = { $count ->
    [one] vous a mentionné
   *[other] vous ont mentionné
    }
mentions = Mentions
menu = Menu
more-at-around = Il y en a peut-être d’autres sur { $link }.
more-for = Plus pour { $name }
mute = Masquer
mute-or-block = Masquer ou bloquer { $name }
mute-this-thread = Masquer cette conversation
muted = Masqués
name-server = @name@server
new-in-brackets = (nouveau)
new-mark = nouveau
newer = Plus récents
no-posts-to-show-here = Aucun message à afficher ici.
no-private-mentions-yet = Pas encore de mentions privées.
no-public-post-with-this-hashtag = Aucun message public avec ce hashtag n’est encore connu ici.
no-public-posts-have-come-here = Aucun message public n’est encore arrivé ici.
nobody-on-this-server-has-posted = Personne sur ce serveur n’a encore publié de message public.
nobody-waits-for-your-answer = Personne n’attend votre réponse.
nobody-yet = Personne pour l’instant.
nothing-found-around = Rien n’a été trouvé pour { $query }. Essayez une autre orthographe ou l’adresse entière : { $example }.
nothing-has-happened-yet-mentions-favourites = Rien ne s’est encore passé. Mentions, favoris, partages et nouveaux abonnés apparaissent ici.
nothing-here-yet-add-people-to = Rien ici pour l’instant. Ajoutez des personnes à cette liste, et leurs messages apparaîtront ici.
nothing-here-yet-search-for-people = Rien ici pour l’instant. Cherchez des personnes et suivez-les : leurs messages apparaîtront ici.
nothing-is-bookmarked-a-bookmark-is = Aucun marque-page. Un marque-page est privé : personne n’en est informé.
nothing-is-kept-back = Rien n’est mis de côté.
nothing-is-scheduled-a-post-that = Rien n’est programmé. Un message que vous écrivez peut attendre son heure.
only-for-people-on-this-server = Seulement pour les personnes de ce serveur
only-here = seulement ici
only-the-people-who-are-mentioned = Seules les personnes mentionnées voient ces messages. Ils ne sont pas chiffrés : les propriétaires des serveurs concernés pourraient les lire.
only-you-see-it = Vous seul la voyez
open = Ouvrir
open-at-its-home = Ouvrir sur son serveur d’origine
open-thread = Ouvrir la conversation
others = { $count ->
    [one] { $count } autre personne
   *[other] { $count } autres personnes
    }
overview = Vue d’ensemble
people = Personnes
people-count = { $count ->
    [one] { $count } personne
   *[other] { $count } personnes
    }
people-hashtags-posts-or-an-address = Personnes, hashtags, messages ou une adresse
picture-without-description = Image sans description
pictures-video-or-sound = Images, vidéo ou son
pin-to-profile = Épingler au profil
poll = Sondage
poll-1-day = 1 jour
poll-1-hour = 1 heure
poll-3-days = 3 jours
poll-30-minutes = 30 minutes
poll-5-minutes = 5 minutes
poll-6-hours = 6 heures
poll-7-days = 7 jours
poll-has-ended = { $count ->
    [one] avait un sondage qui est terminé
   *[other] avaient un sondage qui est terminé
    }
poll-multiple = Sondage, plusieurs choix possibles
polls = Sondages
post = Message
post-it-later = Publier plus tard
posted = { $count ->
    [one] a publié un message
   *[other] ont publié un message
    }
posts-and-replies = Messages et réponses
posts-of-this-profile = Messages de ce profil
posts-that-wait = Messages en attente
private-mention = Mention privée
private-mentions = Mentions privées
public = Public
publish = Publier
quiet-public = Public discret
quote = Citer
quoted-your-post = { $count ->
    [one] a cité votre message
   *[other] ont cité votre message
    }
read-the-report = Lire le signalement
read-the-text-as-markdown = Lire le texte comme du Markdown
reject = Rejeter
remove-as-follower = Retirer de mes abonnés
reply = Répondre
report = Signaler…
report-title = Signaler
report-whom = Signaler { $name }
scheduled-posts = Messages programmés
search = Recherche
send-it-to-the-moderators-there = L’envoyer aussi à la modération là-bas, sans mon nom
send-report = Envoyer le signalement
sent-a-report = { $count ->
    [one] a envoyé un signalement
   *[other] ont envoyé un signalement
    }
sent-you-a-warning = { $count ->
    [one] vous a envoyé un avertissement au sujet de votre compte
   *[other] vous ont envoyé un avertissement au sujet de votre compte
    }
several-choices-allowed = Plusieurs choix possibles
show-boosts = Afficher les partages
signed-up = { $count ->
    [one] s’est inscrit
   *[other] se sont inscrits
    }
somebody = Quelqu’un
sound-without-description = Son sans description
stop-telling-me = Ne plus me notifier ses messages
tell-me = Me notifier ses messages
text-of-the-post = Texte du message
the-bottom = Le bas
the-chosen-point = Le point choisi
the-form-broke-off-on-its = Le formulaire n’est pas arrivé en entier.
the-left = La gauche
the-middle = Le milieu
the-moderators-of-this-server-read = La modération de ce serveur le lit. La personne signalée ne saura pas de qui il vient.
the-post = Le message
the-post-it-is-about = Le message concerné
the-quoted-author-has-not-agreed = L’auteur cité n’a pas accepté cette citation.
the-quoted-post-is-not-for = Vous ne pouvez pas voir le message cité.
the-quoted-post-was-deleted = Le message cité a été supprimé.
the-right = La droite
the-server-is-busy-nothing-is = Le serveur est occupé. Rien n’est perdu : réessayez.
the-servers-disk-is-full-so = Le disque du serveur est plein, le fichier n’a donc pas été gardé. Prévenez son propriétaire.
the-top = Le haut
the-upload-broke-off-on-its = Le fichier n’est pas arrivé en entier.
there-was-no-file-in-the = Il n’y avait pas de fichier dans le formulaire.
these-are-too-many-files = Il y a trop de fichiers.
this-is-no-time-write-it = Ce n’est pas une heure ; écrivez-la ainsi : 2026-12-24T18:00.
this-person-does-not-show-whom = Cette personne ne montre pas qui elle connaît.
this-server = Ce serveur
thread = Conversation
too-many-pages-are-open-at = Trop de pages sont ouvertes à la fois, ou le serveur redémarre.
top-left = En haut à gauche
top-right = En haut à droite
two-people-around = { $first } et { $second }
type-a-name-a-word-or = Tapez un nom, un mot ou un #hashtag. Collez l’adresse d’un message ou d’un profil d’un autre serveur pour l’ouvrir ici.
unblock = Débloquer
unblock-all-of = Débloquer tout { $domain }
unmute = Ne plus masquer
unmute-this-thread = Ne plus masquer cette conversation
unpin-from-profile = Détacher du profil
up-to = Jusqu’à { $count }.
upload-and-describe = Envoyer et décrire
versions = Versions
versions-of-a-post = Versions d’un message
video-without-description = Vidéo sans description
vote = Voter
warning-pictures-poll-language-time = Avertissement, images, sondage, langue, heure
what-should-we-know = Que devrions-nous savoir ?
what-this-answers-or-a-file = Ce à quoi cela répond, ou un de ses fichiers, n’existe plus.
what-would-you-like-to-say = Que voulez-vous dire ?
where-it-is-cut-this-stays = Là où elle est coupée, ceci reste visible
who-liked-it = Qui a aimé
who-may-see-it = Qui peut le voir
why = Pourquoi
with-files = { $count ->
    [one] Avec { $count } fichier
   *[other] Avec { $count } fichiers
    }
write-one = En écrire une
write-something-first-or-add-a = Écrivez d’abord quelque chose, ou ajoutez une image.
you-alone = Vous seul
you-block-nobody = Vous ne bloquez personne.
you-have-not-favourited-anything-yet = Vous n’avez encore rien ajouté à vos favoris.
you-have-posted-very-often-in = Vous avez publié très souvent ces dernières heures. Attendez un peu ; le texte reste ici.
you-have-uploaded-very-much-lately = Vous avez envoyé beaucoup de fichiers récemment. Attendez une demi-heure.
you-mute-nobody = Vous ne masquez personne.
your-private-note = Votre note privée
your-profile = Votre profil
your-reply = Votre réponse
your-session-has-ended-sign-in = Votre session est terminée. Reconnectez-vous ; ce que vous avez écrit est encore là.
your-words-on-it = Votre commentaire
