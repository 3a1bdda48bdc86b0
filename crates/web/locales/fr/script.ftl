### Ce que disent les scripts.

first-already = C’est déjà le premier.
last-already = C’est déjà le dernier.
number-now = C’est maintenant le numéro { $number }.
what-stays-in-view = Ce qui reste visible
take-this-point = Prendre ce point
the-chosen-point = Le point choisi
cancel = Annuler
earlier = Avancer
later = Reculer
choose-a-point = Choisir un point
did-not-work = Cela n’a pas marché. Rechargez la page et réessayez.
offline-old = Vous êtes hors ligne. Ce qui est affiché peut être ancien ; ce que vous écrivez est gardé sur cet appareil.
discard = Abandonner
draft-is-back = Votre brouillon est de retour.
uploading = Envoi de { $name }
not-uploaded = { $name } n’a pas été envoyé. Réessayez, ou essayez un fichier plus petit.
not-uploaded-no-server = { $name } n’a pas été envoyé : le serveur est injoignable.
file-on-its-way = Un fichier est encore en route.
text-is-still-here = Cela n’a pas marché. Votre texte est encore là ; rechargez la page et réessayez.
posted = Publié.
crop-drag = La partie affichée. Faites-la glisser, ou déplacez-la avec les flèches.
crop-closer = Plus près
crop-take = Prendre cette partie
crop-which = Quelle partie est affichée ?
keyboard = Clavier
keys-posts = Message suivant, précédent
keys-open = Ouvrir le message
keys-deeds = Répondre, partager, favori, marque-page
keys-warning = Afficher ou masquer ce qui est derrière un avertissement
keys-write = Écrire un message
keys-search = Recherche
keys-places = Accueil, notifications, ce serveur, tous les serveurs, mentions privées
keys-send = Envoyer ce que vous écrivez
keys-list = Cette liste
close = Fermer
new-posts = { $count ->
    [one] Afficher { $count } nouveau message
   *[other] Afficher { $count } nouveaux messages
    }
something-new = Il y a du nouveau. Rechargez la page pour le voir.
no-server = Le serveur est injoignable. Rien n’a été changé ; réessayez.
offline = Vous êtes hors ligne. Rien n’a été changé.
too-often = C’était un peu trop souvent. Attendez quelques minutes.
server-busy = Le serveur est occupé ou redémarre. Rien n’a été changé ; réessayez.
now = maintenant
minutes = { $number } min
hours = { $number } h
days = { $number } j
push-not-allowed = Ce navigateur ne laisse pas la page afficher de notifications. C’est dans ses réglages pour ce site.
push-not-taken = Le serveur n’a pas accepté l’abonnement. Rechargez la page et réessayez.
push-cannot = Ce navigateur ne sait pas afficher les notifications des pages.
push-service-away = Le service push du navigateur est injoignable. Réessayez plus tard.
suggestions = Suggestions
picture = Image
picture-before = Image précédente
picture-next = Image suivante
