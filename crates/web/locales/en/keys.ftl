### Security keys and passkeys.

a-key-that-you-plug-in = A key that you plug in or hold to your device, or a passkey on it. When you sign in, it takes the place of the code.
a-security-key-is-asked-for = A security key is asked for instead of a code. Set up codes first: they let you in when the key is lost.
add-a-security-key = Add a security key
add-the-key = Add the key
added-around = added { $time }
adding-a-key-needs-a-browser = Adding a key needs a browser that knows security keys and runs the script of this page.
give-it-a-name-by-which = Give it a name by which you know it again. Then touch it when your browser asks you to.
go-on-with-the-key = Go on
keys-work-under-the-address = Keys work under the address { $address } only. Open this page there.
lets-you-in-no-more-around = { $name } lets you in no more. All other browsers are signed out.
name-of-the-key = Name of the key
no-key-answered = No key answered. Try again, and touch it when your browser asks you to.
none-a-key-takes-the-place = None. A key takes the place of the code.
or-enter-a-code = or enter a code
remove-a-security-key = Remove a security key
remove-it = Remove it
security-keys-and-passkeys = Security keys and passkeys
set-up-codes = Set up codes
the-browser-could-not-ask = The browser could not ask the key. Try again.
the-security-key-is-removed = The security key is removed. Other browsers were signed out.
this-key-was-added-already = This key was added already.
use-your-security-key = Use your security key
your-security-key-is-added = Your security key is added.
