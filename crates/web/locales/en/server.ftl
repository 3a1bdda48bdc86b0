### Looking after the server.

a-new-announcement = A new announcement
a-new-emoji = A new emoji
a-new-rule = A new rule
a-rule-for-a-server = A rule for a server
account-that-answers-for-the-server = Account that answers for the server
add-the-emoji = Add the emoji
add-the-rule = Add the rule
addresses-become-links-custom-emoji = Addresses become links; custom emoji work.
all-is-well = All is well.
animations = Animations
announce-it = Announce it
backups = Backups
cache-bound = At most { $bytes }; what nobody looked at for longest goes first.
certificates = Certificates
csv-as-mastodon-exports-it = CSV, as Mastodon exports it
custom-emoji = Custom emoji
cut-off = Cut off
cut-off-nothing-comes-or-goes = Cut off: nothing comes or goes
deliveries-that-wait = Deliveries that wait
deliveries-to-that-server-are-tried = Deliveries to that server are tried now.
deliveries-waiting = deliveries waiting
discard = Discard
does-not-answer = does not answer
done = Done
done-with-it = Done with it
down = Down
edge-heard-around = Edge { $address }, heard { $time }.
edge-not-heard = edge not heard
emoji-of-this-server = Emoji of this server
empty-shows-a-short-one-that = Empty shows a short one that fits every server of this kind.
end-it-now = End it now
everybody-can-read-it-may-be = Everybody can read it; may be empty.
everybody-here-sees-it-on-their = Everybody here sees it on their home page until they have read it.
explanation = Explanation
export = Export
failed-for-good = Failed for good
files-count = { $count ->
    [one] { $count } file
   *[other] { $count } files
    }
from-a-file-whoever-put-it = From a file; whoever put it there renews it.
good-until-around = Good until { $time }.
heading-in-the-picker = Heading in the picker
here-this-month = here this month
host-waits = { $count } waiting since { $since }, next try { $next }
identity-capsule-written = Identity capsule written
in-one-or-two-sentences = In one or two sentences
it-can-be-used-now = It can be used now.
it-ended-the-process = It ended the process.
it-ends-and-is-not-shown = It ends, and is not shown any more
it-is-gone = It is gone.
it-is-not-shown-any-more = It is not shown any more.
it-is-tried-again-now = It is tried again now.
its-name = Its name
job-tried = { $made }, tried { $count } times
jobs-failed = { $count ->
    [one] A job has failed for good.
   *[other] { $count } jobs have failed for good.
    }
jobs-that-wait = Jobs that wait
jobs-waiting = jobs waiting
keep-none-of-its-files = Keep none of its files
kept-of-other-servers = Kept of other servers
last-proved-restore = Last proved restore, { $rows } rows and { $files } files
last-refused-around = The last one was refused for good { $time }.
last-saved = Last saved
last-went-around = The last one went { $time }.
less-than-a-cent = less than 0.01 $
let-in-but-see-below = Let in, but see below
let-in-word = Let in
letters-digits-and-underscores-people = Letters, digits and underscores; people write it between colons. One with the same name is replaced.
lift-the-suspension = Lift the suspension
limited-seen-by-followers-only = Limited: seen by followers only
line-number = line { $number }: { $reason }
mail-address-for-questions = Mail address for questions
mail-goes-by = Mail goes by { $host }, port { $port }.
mail-goes-by-ses = Mail goes by Amazon SES.
mail-into-files = Mail is written into files on this machine; nothing is sent. Section [mail] of the settings says how to send it.
mails-wait = { $count ->
    [one] One mail waits
   *[other] { $count } mails wait
    }
may-be-empty-then-there-are = May be empty: then there are none.
money-a-month = { $bytes }, { $money } a month
money-around = The files below take about { $money } of storage a month. Section [budget] of the settings says what a gigabyte costs you.
more-about-it = More about it
no-backups-around = None are made: if this machine is lost, everything is. { $repository } and { $password } in the settings begin them.
no-certificate = no certificate
no-edge-of-this-server-has = No edge of this server has reported since it started, so nothing is known. If another proxy stands before it, that one watches its certificate.
no-files = no files
no-files-yet = No files yet.
no-house-rules-yet = No rules are written down yet.
no-mail-waits = No mail waits.
no-report-is-done-with-yet = No report is done with yet.
no-report-waits = No report waits.
no-reports = no reports
none = None.
none-everything-has-arrived = None. Everything has arrived.
none-everything-that-was-begun-has = None. Everything that was begun has been done or is still being tried.
not-in-the-picker = not in the picker
not-tried-yet = Not tried yet
note-for-you = For you: { $note }
nothing-is-kept-now = Nothing is kept now.
nothing-was-announced-yet = Nothing was announced yet.
nothing-was-counted-yet = Nothing was counted yet.
on-the-front-page-and-where = On the front page, and where apps show servers.
once-saved-here-the-settings-file = Once saved here, the settings file is not asked for these any more.
open-it-again = Open it again
ordered-anew-around = Ordered anew { $time }.
other = Other
over = Over
people-agree-to-them-when-they = People agree to them when they sign up, and reports name them.
people-reach-this-server-by-plain = People reach this server by plain http, so there is none.
people-whose-posts-bring-most = People whose posts bring most
picture-png-gif-or-webp-up = Picture: PNG, GIF or WebP, up to 256 kB
pictures = Pictures
posts-a-week = Posts a week
posts-count = { $count ->
    [one] { $count } post
   *[other] { $count } posts
    }
reason-for-everybody = Reason, for everybody
reason-for-yourself = Reason, for yourself
report-about-around = About { $account }
report-from-around = From { $account }
reports-wait = { $count ->
    [one] A report waits for you.
   *[other] { $count } reports wait for you.
    }
retry-now = Retry now
rule = Rule
rules-from-a-file = Rules from a file
saving-shows-it-again-to-those = Saving shows it again to those who have read it.
scheduled = Scheduled
servers-whose-posts-bring-most = Servers whose posts bring most
set-the-rule = Set the rule
show-days-only-without-the-hour = Show days only, without the hour
show-it-from-if-not-now = Show it from, if not now
show-it-in-the-picker = Show it in the picker
show-its-name-to-the-public = Show its name to the public only in part
shown = Shown
shown-from-around = from { $time }
shown-from-until-around = from { $start } until { $end }
since-tried-around = since { $time }; each is tried again for a day and a half.
small-print = Small print
sound = Sound
stands-on-the-about-page-addresses = Stands on the About page. Addresses become links.
suspend-the-account = Suspend the account
suspended = suspended
take-none-of-its-reports = Take none of its reports
the-name-before-the-empty-is = The name before the @; empty is the owner.
there-are-no-rules-every-server = There are no rules: every server is let in.
there-are-none-yet = There are none yet.
this-week = { $value } this week
up = Up
uploads-of-people-here = Uploads of people here
videos = Videos
waiting = Waiting
week-of = Week of { $day }
what-becomes-of-it = What becomes of it
what-is-announced = What is announced
what-it-announces-begins = What it announces begins
where-a-deleted-one-was-used = Where a deleted one was used, its name stands.
who-takes-most = Who takes most
whom-to-ask = Whom to ask
write-it-anew = Write it anew
write-something-first = Write something first
