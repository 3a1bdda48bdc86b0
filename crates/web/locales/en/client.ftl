### The client: timelines, posts, people.

a-post-takes-files = A post takes { $count } files.
about-the-server = About
accept = Accept
all = All
all-servers = All servers
animation-without-description = Animation without description
answer-the-request = Answer the request
as-it-stands = As it stands
as-usual = As usual
asked-to-follow-you = { $count ->
    [one] asked to follow you
   *[other] asked to follow you
    }
at-most-characters-around = At most { $count } characters
attached-file = Attached file
attachments-count = { $count ->
    [one] { $count } attachment
   *[other] { $count } attachments
    }
being-prepared = Being prepared…
beside = Beside
block = Block
block-all-of = Block all of { $domain }
block-this-account-as-well = Block this account as well
blocked = Blocked
bookmark = Bookmark
boost = Boost
boosted-your-post = { $count ->
    [one] boosted your post
   *[other] boosted your post
    }
boosts = Boosts
bottom-left = Bottom left
bottom-right = Bottom right
cancel = Cancel
cancel-request = Cancel request
choice-number = Choice { $number }
choose-a-time-at-least-five = Choose a time at least five minutes ahead, or leave it empty to post now.
clear-all = Clear all
closes-after = Closes after
content-warning = Content warning
conversations = Conversations
delete = Delete…
delete-and-write-anew = Delete and write anew
delete-post = Delete post
delete-this-post = Delete this post?
describe-it-for-people-who-cannot = Describe it for people who cannot see it
dismiss = Dismiss
do-not-post-it = Do not post it
earlier-versions = Earlier versions
edit-post = Edit post
edit-profile = Edit profile
edit-scheduled-post = Edit scheduled post
edited-mark = edited
edited-what-you-boosted = { $count ->
    [one] edited a post that you boosted
   *[other] edited a post that you boosted
    }
edited-what-you-quoted = { $count ->
    [one] edited a post that you quoted
   *[other] edited a post that you quoted
    }
emoji = Emoji
favourite = Favourite
favourited-your-post = { $count ->
    [one] favourited your post
   *[other] favourited your post
    }
favourites = Favourites
file-too-large = A file is too large: the most is { $number } MB.
filtered-around = Filtered: { $title }
follow-requests = Follow requests
followed-you = { $count ->
    [one] followed you
   *[other] followed you
    }
following = Following
follows = Follows
follows-you = Follows you
hide-boosts = Hide boosts
hide-counts-until-it-closes = Hide counts until it closes
hide-pictures-until-asked-for = Hide pictures until asked for
i-do-not-like-it-or = I do not like it, or something else
i-have-read-it = I have read it
it-breaks-a-rule-of-this = It breaks a rule of this server
it-is-gone-here-at-once = It is gone here at once. Other servers are asked to delete their copies.
it-is-illegal = It is illegal
it-is-spam = It is spam
it-quotes-another-post = It quotes another post.
it-will-be-posted-at-its = It will be posted at its time.
it-will-not-be-posted = It will not be posted.
its-home = its home
its-place = Its place
keep = Keep
keep-it = Keep it
kept-back = Kept back
kept-back-lead-around = Notifications that your { $link } keep out of the list.
kept-back-link = preferences
kept-back-people = { $count ->
    [one] Notifications of one person were kept back. Look at them.
   *[other] Notifications of { $count } people were kept back. Look at them.
    }
keyboard = Keyboard
kinds = Kinds
leave-this-file-out = Leave this file out
let-in = Let { $count } in
lists-menu = Lists…
main = Main
media = Media
mention = Mention
mentioned-you = { $count ->
    [one] mentioned you
   *[other] mentioned you
    }
mentions = Mentions
menu = Menu
more-at-around = More may be at { $link }.
more-for = More for { $name }
mute = Mute
mute-or-block = Mute or block { $name }
mute-this-thread = Mute this thread
muted = Muted
name-server = @name@server
new-in-brackets = (new)
new-mark = new
newer = Newer
no-posts-to-show-here = No posts to show here.
no-private-mentions-yet = No private mentions yet.
no-public-post-with-this-hashtag = No public post with this hashtag is known here yet.
no-public-posts-have-come-here = No public posts have come here yet.
nobody-on-this-server-has-posted = Nobody on this server has posted publicly yet.
nobody-waits-for-your-answer = Nobody waits for your answer.
nobody-yet = Nobody yet.
nothing-found-around = Nothing was found for { $query }. Try another spelling, or the whole address: { $example }.
nothing-has-happened-yet-mentions-favourites = Nothing has happened yet. Mentions, favourites, boosts and new followers appear here.
nothing-here-yet-add-people-to = Nothing here yet. Add people to this list, and what they post appears here.
nothing-here-yet-search-for-people = Nothing here yet. Search for people and follow them: what they post appears here.
nothing-is-bookmarked-a-bookmark-is = Nothing is bookmarked. A bookmark is private: nobody is told of it.
nothing-is-kept-back = Nothing is kept back.
nothing-is-scheduled-a-post-that = Nothing is scheduled. A post that you write can wait for its time.
only-for-people-on-this-server = Only for people on this server
only-here = only here
only-the-people-who-are-mentioned = Only the people who are mentioned see these posts. They are not encrypted: the owners of the servers involved could read them.
only-you-see-it = Only you see it
open = Open
open-at-its-home = Open at its home
open-thread = Open thread
others = { $count ->
    [one] { $count } other
   *[other] { $count } others
    }
overview = Overview
people = People
people-count = { $count ->
    [one] { $count } person
   *[other] { $count } people
    }
people-hashtags-posts-or-an-address = People, hashtags, posts, or an address
picture-without-description = Picture without description
pictures-video-or-sound = Pictures, video or sound
pin-to-profile = Pin to profile
poll = Poll
poll-1-day = 1 day
poll-1-hour = 1 hour
poll-3-days = 3 days
poll-30-minutes = 30 minutes
poll-5-minutes = 5 minutes
poll-6-hours = 6 hours
poll-7-days = 7 days
poll-has-ended = { $count ->
    [one] ran a poll that has ended
   *[other] ran a poll that has ended
    }
poll-multiple = Poll, several choices allowed
polls = Polls
post = Post
post-it-later = Post it later
posted = { $count ->
    [one] posted
   *[other] posted
    }
posts-and-replies = Posts and replies
posts-of-this-profile = Posts of this profile
posts-that-wait = Posts that wait
private-mention = Private mention
private-mentions = Private mentions
public = Public
publish = Post
quiet-public = Quiet public
quote = Quote
quoted-your-post = { $count ->
    [one] quoted your post
   *[other] quoted your post
    }
read-the-report = Read the report
read-the-text-as-markdown = Read the text as Markdown
reject = Reject
remove-as-follower = Remove as follower
reply = Reply
report = Report…
report-title = Report
report-whom = Report { $name }
scheduled-posts = Scheduled posts
search = Search
send-it-to-the-moderators-there = Send it to the moderators there too, without my name
send-report = Send report
sent-a-report = { $count ->
    [one] sent a report
   *[other] sent a report
    }
sent-you-a-warning = { $count ->
    [one] sent you a warning about your account
   *[other] sent you a warning about your account
    }
several-choices-allowed = Several choices allowed
show-boosts = Show boosts
signed-up = { $count ->
    [one] signed up
   *[other] signed up
    }
somebody = Somebody
sound-without-description = Sound without description
stop-telling-me = Stop telling me of posts
tell-me = Tell me of posts
text-of-the-post = Text of the post
the-bottom = The bottom
the-chosen-point = The chosen point
the-form-broke-off-on-its = The form broke off on its way.
the-left = The left
the-middle = The middle
the-moderators-of-this-server-read = The moderators of this server read it. The reported person is not told who it was.
the-post = The post
the-post-it-is-about = The post it is about
the-quoted-author-has-not-agreed = The quoted author has not agreed to this quote.
the-quoted-post-is-not-for = The quoted post is not for you to see.
the-quoted-post-was-deleted = The quoted post was deleted.
the-right = The right
the-server-is-busy-nothing-is = The server is busy. Nothing is lost: try again.
the-servers-disk-is-full-so = The server's disk is full, so the file was not kept. Tell its owner.
the-top = The top
the-upload-broke-off-on-its = The upload broke off on its way.
there-was-no-file-in-the = There was no file in the form.
these-are-too-many-files = These are too many files.
this-is-no-time-write-it = This is no time; write it like 2026-12-24T18:00.
this-person-does-not-show-whom = This person does not show whom they know.
this-server = This server
thread = Thread
too-many-pages-are-open-at = Too many pages are open at once, or the server restarts.
top-left = Top left
top-right = Top right
two-people-around = { $first } and { $second }
type-a-name-a-word-or = Type a name, a word or a #hashtag. Paste the address of a post or a profile on another server to open it here.
unblock = Unblock
unblock-all-of = Unblock all of { $domain }
unmute = Unmute
unmute-this-thread = Unmute this thread
unpin-from-profile = Unpin from profile
up-to = Up to { $count }.
upload-and-describe = Upload and describe
versions = Versions
versions-of-a-post = Versions of a post
video-without-description = Video without description
vote = Vote
warning-pictures-poll-language-time = Warning, pictures, poll, language, time
what-should-we-know = What should we know?
what-this-answers-or-a-file = What this answers, or a file of it, is not there any more.
what-would-you-like-to-say = What would you like to say?
where-it-is-cut-this-stays = Where it is cut, this stays in view
who-liked-it = Who liked it
who-may-see-it = Who may see it
why = Why
with-files = { $count ->
    [one] With { $count } file
   *[other] With { $count } files
    }
write-one = Write one
write-something-first-or-add-a = Write something first, or add a picture.
you-alone = You alone
you-block-nobody = You block nobody.
you-have-not-favourited-anything-yet = You have not favourited anything yet.
you-have-posted-very-often-in = You have posted very often in the last hours. Wait a while; the text stays here.
you-have-uploaded-very-much-lately = You have uploaded very much lately. Wait half an hour.
you-mute-nobody = You mute nobody.
your-private-note = Your private note
your-profile = Your profile
your-reply = Your reply
your-session-has-ended-sign-in = Your session has ended. Sign in again; what you typed is still here.
your-words-on-it = Your words on it
