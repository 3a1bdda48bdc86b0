//! Work that costs as much for many as for one: what is asked for while one group is done is the next group. The
//! more there is, the less each costs; nothing waits for others to come.

use std::future::Future;

use tokio::sync::{mpsc, oneshot};

/// Asks for pieces of work that are done in groups.
#[derive(Debug)]
pub(crate) struct Groups<T, R>(mpsc::Sender<(T, oneshot::Sender<R>)>);

impl<T, R> Clone for Groups<T, R> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Send + 'static, R: Send + 'static> Groups<T, R> {
    /// Begins a task that does `work` for up to `most` at once, until nobody is left who could ask. It answers each,
    /// in their order.
    pub(crate) fn open<F, W>(most: usize, work: F) -> Self
    where
        F: Fn(Vec<T>) -> W + Send + 'static,
        W: Future<Output = Vec<R>> + Send + 'static,
    {
        let (sender, mut asked) = mpsc::channel::<(T, oneshot::Sender<R>)>(most);
        tokio::spawn(async move {
            let mut group = Vec::new();
            while asked.recv_many(&mut group, most).await > 0 {
                let (things, askers): (Vec<T>, Vec<_>) = group.drain(..).unzip();
                // By a task of its own: when it panics, its group alone has no answer, and the next is done.
                let answers = tokio::spawn(work(things)).await.unwrap_or_default();
                for (answer, asker) in answers.into_iter().zip(askers) {
                    // Whoever asked may have been stopped meanwhile.
                    let _ = asker.send(answer);
                }
            }
        });
        Self(sender)
    }

    /// Waits until it is done. `None` when that will not happen: the server stops, or the work panicked.
    pub(crate) async fn ask(&self, thing: T) -> Option<R> {
        let (asker, answer) = oneshot::channel();
        self.0.send((thing, asker)).await.ok()?;
        answer.await.ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::sync::Semaphore;

    use super::*;

    #[tokio::test]
    async fn a_panic_ends_its_group_alone() {
        let groups = Groups::open(3, |numbers: Vec<usize>| async move {
            assert!(!numbers.contains(&0));
            numbers
        });
        assert_eq!(groups.ask(0).await, None);
        assert_eq!(groups.ask(1).await, Some(1));
    }

    #[tokio::test]
    async fn what_comes_meanwhile_is_the_next_group_and_each_gets_its_own_answer() {
        let (gate, begun) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let (held, seen) = (gate.clone(), begun.clone());
        let groups = Groups::open(3, move |numbers: Vec<usize>| {
            let (gate, begun) = (held.clone(), seen.clone());
            async move {
                begun.add_permits(1);
                gate.acquire().await.unwrap().forget();
                numbers.iter().map(|number| (*number, numbers.len())).collect()
            }
        });
        let ask = |number| {
            let groups = groups.clone();
            tokio::spawn(async move { groups.ask(number).await })
        };
        let first = ask(0);
        begun.acquire().await.unwrap().forget();
        let others: Vec<_> = (1..=4).map(ask).collect();
        // All of them have asked when the line is full.
        while groups.0.capacity() > 0 {
            tokio::task::yield_now().await;
        }
        gate.add_permits(10);
        assert_eq!(first.await.unwrap(), Some((0, 1)));
        let mut sizes = Vec::new();
        for (number, other) in (1..).zip(others) {
            let (own, size) = other.await.unwrap().unwrap();
            assert_eq!(own, number);
            sizes.push(size);
        }
        assert_eq!(sizes, [3, 3, 3, 1]);
    }
}
