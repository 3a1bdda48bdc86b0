### Words that several parts share.

about-named = About { $name }
about-this-server = About this server
accounts-noun = { $count ->
    [one] account
   *[other] accounts
    }
ago-days = { $number } d
ago-hours = { $number } h
ago-minutes = { $number } min
ago-now = now
announcement = Announcement
announcements = Announcements
approves-followers = Approves followers
april = April
august = August
automated = Automated
back = Back
bookmarks = Bookmarks
boosted-around = { $name } boosted
change = Change
closes-around = closes { $time }
date = { $day } { $month } { $year }
date-and-time = { $day } { $month } { $year }, { $time } UTC
december = December
delete-now = Delete
edit = Edit
edit-list = Edit list
edited = Edited
edited-around = edited { $time }
february = February
filters = Filters
follow = Follow
followed-hashtags = Followed hashtags
followers = Followers
followers-noun = { $count ->
    [one] follower
   *[other] followers
    }
following-noun = { $count ->
    [one] following
   *[other] following
    }
hashtags = Hashtags
here-since = Here since { $day }
home = Home
house-rules = House rules
import = Import
in-reply-to-around = In reply to { $name }
it-is = It { $reason }.
january = January
jobs-and-deliveries = Jobs and deliveries
july = July
june = June
language = Language
link-checked-on = Link checked on { $day }
lists = Lists
mail = Mail
march = March
may-month = May
more = More
moved-to-around = This account moved to { $account }.
name = Name
new-post = New post
newer-posts = Newer posts
notifications = Notifications
november = November
october = October
older = Older
older-posts = Older posts
only-on-this-server = only on this server
other-servers = Other servers
pages = Pages
pinned = Pinned
posts = Posts
posts-noun = { $count ->
    [one] post
   *[other] posts
    }
privacy-policy = Privacy policy
remove = Remove
replies = Replies
reports = Reports
rules = Rules
save = Save
saved = Saved.
sensitive-media = Sensitive media
september = September
server = Server
servers-noun = { $count ->
    [one] server known
   *[other] servers known
    }
settings = Settings
show = Show
show-the-usual-one = Show the usual one
sign-out = Sign out
skip-to-content = Skip to content
terms-of-service = Terms of service
the-form-is-too-large = The form is too large.
unfollow = Unfollow
whom-you-block = Whom you block
whom-you-mute = Whom you mute
wide-picture = Wide picture
your-lists = Your lists
