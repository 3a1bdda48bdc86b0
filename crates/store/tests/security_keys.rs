//! Security keys: each belongs to one account, counts upwards, and goes with what it hangs on.

use domain::secret::SecretHash;
use domain::{AccountId, RowId, Timestamp};
use store::second_factors;
use store::security_keys::{self, SecurityKey};
use store::sessions::{self, Session};
use store::{Conn, Result, StoreError};
use testkit::{Server, for_each_engine};

fn key(id: i64, credential: &[u8], name: &str) -> SecurityKey {
    SecurityKey {
        id: RowId(id),
        credential: credential.to_vec(),
        public_key: vec![1, 2, 3],
        sign_count: 0,
        transports: "usb,nfc".into(),
        name: name.into(),
        created_at: Timestamp(5),
        last_used_at: None,
    }
}

fn session(account: AccountId) -> Session {
    Session {
        account_id: account,
        form_key: "f".into(),
        user_agent: String::new(),
        created_at: Timestamp(1),
        last_used_at: Timestamp(1),
    }
}

async fn names(conn: &mut Conn, account: AccountId) -> Result<Vec<String>> {
    let keys = security_keys::of_account(conn, account).await?;
    Ok(keys.into_iter().map(|key| key.name).collect())
}

#[tokio::test]
async fn a_key_belongs_to_one_account_and_its_name_to_one_key() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await.id;
        let bob = server.account("bob").await.id;
        let written = server.app.store.write(move |conn| {
            Box::pin(async move {
                let long = vec![9; 1_023];
                assert!(security_keys::insert(conn, alice, &key(1, &long, "blue")).await?);
                assert!(!security_keys::insert(conn, bob, &key(2, &long, "red")).await?, "taken");
                assert!(!security_keys::insert(conn, alice, &key(3, b"c", "blue")).await?, "named");
                assert!(security_keys::insert(conn, bob, &key(4, b"d", "blue")).await?);
                assert!(security_keys::insert(conn, alice, &key(5, b"e", "white")).await?);
                assert_eq!(names(conn, alice).await?, ["blue", "white"]);
                let found = security_keys::own(conn, alice, &long).await?;
                assert_eq!(found, Some(key(1, &long, "blue")));
                assert_eq!(security_keys::own(conn, bob, &long).await?, None, "v05");
                assert!(!security_keys::remove(conn, bob, RowId(1)).await?, "v05");
                assert!(security_keys::remove(conn, alice, RowId(1)).await?);
                assert!(!security_keys::remove(conn, alice, RowId(1)).await?);
                assert_eq!(names(conn, alice).await?, ["white"]);
                Ok::<_, StoreError>(())
            })
        });
        written.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a05_a_key_that_counts_never_stands_still() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await.id;
        let bob = server.account("bob").await.id;
        let written = server.app.store.write(move |conn| {
            Box::pin(async move {
                security_keys::insert(conn, alice, &key(1, b"a", "blue")).await?;
                let now = Timestamp(77);
                for (count, fits) in
                    [(0, true), (0, true), (5, true), (5, false), (4, false), (0, false), (6, true)]
                {
                    let used = security_keys::use_key(conn, alice, RowId(1), count, now).await?;
                    assert_eq!(used, fits, "{count}");
                }
                assert!(!security_keys::use_key(conn, bob, RowId(1), 9, now).await?, "v05");
                let found = security_keys::own(conn, alice, b"a").await?.unwrap();
                assert_eq!((found.sign_count, found.last_used_at), (6, Some(now)));
                Ok::<_, StoreError>(())
            })
        });
        written.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a05_a_question_is_answered_once() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await.id;
        let written = server.app.store.write(move |conn| {
            Box::pin(async move {
                let (half, mine) = (SecretHash("half".into()), SecretHash("mine".into()));
                second_factors::add_half(conn, &half, alice, b"one", Timestamp(1)).await?;
                assert!(!second_factors::spend_challenge(conn, &half, b"two", b"x").await?);
                assert!(second_factors::spend_challenge(conn, &half, b"one", b"two").await?);
                assert!(!second_factors::spend_challenge(conn, &half, b"one", b"x").await?);
                let found = second_factors::half(conn, &half).await?.unwrap();
                assert_eq!(found.challenge.as_deref(), Some(&b"two"[..]));

                sessions::insert(conn, &mine, &session(alice)).await?;
                security_keys::begin(conn, &mine, alice, b"zero", Timestamp(1)).await?;
                security_keys::begin(conn, &mine, alice, b"one", Timestamp(2)).await?;
                assert!(!security_keys::spend_challenge(conn, &mine, b"zero", b"x").await?);
                assert!(security_keys::spend_challenge(conn, &mine, b"one", b"two").await?);
                assert!(!security_keys::spend_challenge(conn, &mine, b"one", b"x").await?);
                let found = security_keys::enrolment(conn, &mine).await?.unwrap();
                assert_eq!((found.challenge, found.created_at), (b"two".to_vec(), Timestamp(2)));
                assert_eq!(security_keys::sweep(conn, Timestamp(2)).await?, 0);
                assert_eq!(security_keys::sweep(conn, Timestamp(3)).await?, 1);
                Ok::<_, StoreError>(())
            })
        });
        written.await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn keys_go_with_the_codes_and_with_the_account() {
    for_each_engine(|store| async move {
        let server = Server::on(store);
        let alice = server.account("alice").await.id;
        let written = server.app.store.write(move |conn| {
            Box::pin(async move {
                let mine = SecretHash("mine".into());
                sessions::insert(conn, &mine, &session(alice)).await?;
                second_factors::begin(conn, alice, b"secret", Timestamp(1)).await?;
                second_factors::set_handle(conn, alice, b"first").await?;
                second_factors::set_handle(conn, alice, b"second").await?;
                let found = second_factors::get(conn, alice).await?.unwrap();
                assert_eq!(found.handle.as_deref(), Some(&b"first"[..]), "it stays");
                security_keys::insert(conn, alice, &key(1, b"a", "blue")).await?;
                security_keys::begin(conn, &mine, alice, b"c", Timestamp(1)).await?;
                assert!(second_factors::remove(conn, alice).await?);
                assert_eq!(names(conn, alice).await?, [""; 0]);
                assert_eq!(security_keys::enrolment(conn, &mine).await?, None);

                security_keys::begin(conn, &mine, alice, b"c", Timestamp(1)).await?;
                sessions::remove_all(conn, alice).await?;
                assert_eq!(security_keys::enrolment(conn, &mine).await?, None, "who signed out");
                security_keys::insert(conn, alice, &key(2, b"a", "blue")).await?;
                store::accounts::delete(conn, alice).await?;
                assert_eq!(names(conn, alice).await?, [""; 0]);
                Ok::<_, StoreError>(())
            })
        });
        written.await.unwrap();
    })
    .await;
}
