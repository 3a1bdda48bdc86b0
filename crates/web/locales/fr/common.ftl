### Mots communs à plusieurs parties.

about-named = À propos de { $name }
about-this-server = À propos de ce serveur
accounts-noun = { $count ->
    [one] compte
   *[other] comptes
    }
ago-days = { $number } j
ago-hours = { $number } h
ago-minutes = { $number } min
ago-now = maintenant
announcement = Annonce
announcements = Annonces
approves-followers = Approuve ses abonnés
april = avril
august = août
automated = Automatisé
back = Retour
bookmarks = Marque-pages
boosted-around = { $name } a partagé
change = Modifier
closes-around = se termine { $time }
date = { $day } { $month } { $year }
date-and-time = { $day } { $month } { $year }, { $time } UTC
december = décembre
delete-now = Supprimer
edit = Modifier
edit-list = Modifier la liste
edited = Modifié
edited-around = modifié { $time }
february = février
filters = Filtres
follow = Suivre
followed-hashtags = Hashtags suivis
followers = Abonnés
followers-noun = { $count ->
    [one] abonné
   *[other] abonnés
    }
following-noun = { $count ->
    [one] abonnement
   *[other] abonnements
    }
hashtags = Hashtags
here-since = Ici depuis le { $day }
home = Accueil
house-rules = Règles du serveur
import = Importer
in-reply-to-around = En réponse à { $name }
it-is = Cela { $reason }.
january = janvier
jobs-and-deliveries = Tâches et envois
july = juillet
june = juin
language = Langue
link-checked-on = Lien vérifié le { $day }
lists = Listes
mail = E-mail
march = mars
may-month = mai
more = Plus
moved-to-around = Ce compte a déménagé vers { $account }.
name = Nom
new-post = Nouveau message
newer-posts = Messages plus récents
notifications = Notifications
november = novembre
october = octobre
older = Plus anciens
older-posts = Messages plus anciens
only-on-this-server = seulement sur ce serveur
other-servers = Autres serveurs
pages = Pages
pinned = Épinglé
posts = Messages
posts-noun = { $count ->
    [one] message
   *[other] messages
    }
privacy-policy = Politique de confidentialité
remove = Retirer
replies = Réponses
reports = Signalements
rules = Règles
save = Enregistrer
saved = Enregistré.
sensitive-media = Médias sensibles
september = septembre
server = Serveur
servers-noun = { $count ->
    [one] serveur connu
   *[other] serveurs connus
    }
settings = Paramètres
show = Afficher
show-the-usual-one = Afficher l’image habituelle
sign-out = Se déconnecter
skip-to-content = Aller au contenu
terms-of-service = Conditions d’utilisation
the-form-is-too-large = Le formulaire est trop volumineux.
unfollow = Ne plus suivre
whom-you-block = Les comptes que vous bloquez
whom-you-mute = Les comptes que vous masquez
wide-picture = Image d’en-tête
your-lists = Vos listes
