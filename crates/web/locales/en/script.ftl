### What scripts say.

first-already = It is the first already.
last-already = It is the last already.
number-now = It is number { $number } now.
what-stays-in-view = What stays in view
take-this-point = Take this point
the-chosen-point = The chosen point
cancel = Cancel
earlier = Earlier
later = Later
choose-a-point = Choose a point
did-not-work = That did not work. Load the page again and try once more.
offline-old = You are offline. What is shown may be old; what you write is kept on this device.
discard = Discard
draft-is-back = Your draft is back.
uploading = Uploading { $name }
not-uploaded = { $name } was not uploaded. Try again, or try a smaller file.
not-uploaded-no-server = { $name } was not uploaded: the server cannot be reached.
file-on-its-way = A file is still on its way.
text-is-still-here = That did not work. Your text is still here; load the page again and try once more.
posted = Posted.
crop-drag = The part that is shown. Drag it, or move it with the arrow keys.
crop-closer = Closer
crop-take = Take this part
crop-which = Which part is shown?
keyboard = Keyboard
keys-posts = Next, previous post
keys-open = Open the post
keys-deeds = Reply, boost, favourite, bookmark
keys-warning = Show or hide what is behind a warning
keys-write = Write a post
keys-search = Search
keys-places = Home, notifications, this server, all servers, private mentions
keys-send = Send what you write
keys-list = This list
close = Close
new-posts = { $count ->
    [one] Show { $count } new post
   *[other] Show { $count } new posts
    }
something-new = There is something new. Load the page again to see it.
no-server = The server cannot be reached. Nothing was changed; try again.
offline = You are offline. Nothing was changed.
too-often = That was a little often. Wait a few minutes.
server-busy = The server is busy or restarts. Nothing was changed; try again.
now = now
minutes = { $number } min
hours = { $number } h
days = { $number } d
push-not-allowed = This browser does not let the page show notifications. Its settings for this site say so.
push-not-taken = The server did not take the subscription. Load the page again and try once more.
push-cannot = This browser cannot show notifications of pages.
push-service-away = The browser's push service cannot be reached. Try again later.
suggestions = Suggestions
picture = Picture
picture-before = Picture before
picture-next = Next picture
