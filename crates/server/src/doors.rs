//! Who is connected. Whoever has shown the token may stay; of the others there
//! are few, and not for long.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// How many may be connected, and for how long.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// So many who have not shown the token.
    pub strangers: usize,
    /// So many of other users of the machine, who are refused in any case: they
    /// push out each other alone.
    pub foreigners: usize,
    /// So many who have, whether they ask or not.
    pub guests: usize,
    /// How long somebody may take to show the token, and to finish a request
    /// that was begun.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            strangers: 64,
            foreigners: 16,
            guests: 512,
            patience: Duration::from_secs(5),
        }
    }
}

/// One who is connected.
pub(crate) struct Guest {
    patience: Duration,
    state: Mutex<State>,
    /// Told when it has to go.
    pub(crate) leave: Notify,
}

struct State {
    trusted: bool,
    /// Until when it has to have asked in full; `None`: it may idle.
    deadline: Option<Instant>,
}

impl Guest {
    fn new(patience: Duration) -> Self {
        Self {
            patience,
            state: Mutex::new(State {
                trusted: false,
                deadline: Some(Instant::now() + patience),
            }),
            leave: Notify::new(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Until when it has to have asked in full.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.state().deadline
    }

    /// It has sent something.
    pub(crate) fn has_sent(&self) {
        let mut state = self.state();
        if state.deadline.is_none() {
            state.deadline = Some(Instant::now() + self.patience);
        }
    }

    /// It has asked in full; the first time that it has shown the token, too.
    fn has_asked(&self, trusted: bool) -> bool {
        let mut state = self.state();
        let first = trusted && !state.trusted;
        state.trusted |= trusted;
        if state.trusted {
            state.deadline = None;
        }
        first
    }
}

/// All who are connected, those who came first in front.
pub(crate) struct Doors {
    limits: Limits,
    strangers: Mutex<VecDeque<Arc<Guest>>>,
    foreigners: Mutex<VecDeque<Arc<Guest>>>,
    guests: Mutex<VecDeque<Arc<Guest>>>,
}

impl Doors {
    /// Nobody yet.
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            strangers: Mutex::default(),
            foreigners: Mutex::default(),
            guests: Mutex::default(),
        }
    }

    /// Lets somebody in, who is `ours` or another user of the machine; where that
    /// is one too many, the first of them goes.
    pub(crate) fn open(&self, ours: bool) -> Arc<Guest> {
        let guest = Arc::new(Guest::new(self.limits.patience));
        match ours {
            true => enter(&self.strangers, &guest, self.limits.strangers),
            false => enter(&self.foreigners, &guest, self.limits.foreigners),
        }
        guest
    }

    /// `guest` has asked in full, and has shown the token or not.
    pub(crate) fn has_asked(&self, guest: &Arc<Guest>, trusted: bool) {
        if guest.has_asked(trusted) {
            leave(&self.strangers, guest);
            enter(&self.guests, guest, self.limits.guests);
        }
    }

    /// `guest` has gone.
    pub(crate) fn close(&self, guest: &Arc<Guest>) {
        for list in [&self.strangers, &self.foreigners, &self.guests] {
            leave(list, guest);
        }
    }
}

fn enter(list: &Mutex<VecDeque<Arc<Guest>>>, guest: &Arc<Guest>, most: usize) {
    let mut list = list.lock().unwrap_or_else(PoisonError::into_inner);
    if list.len() >= most
        && let Some(first) = list.pop_front()
    {
        first.leave.notify_one();
    }
    list.push_back(Arc::clone(guest));
}

fn leave(list: &Mutex<VecDeque<Arc<Guest>>>, guest: &Arc<Guest>) {
    let mut list = list.lock().unwrap_or_else(PoisonError::into_inner);
    list.retain(|other| !Arc::ptr_eq(other, guest));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(doors: &Doors) -> [usize; 3] {
        [&doors.strangers, &doors.foreigners, &doors.guests].map(|list| list.lock().unwrap().len())
    }

    #[test]
    fn other_users_push_out_each_other_alone() {
        let doors = Doors::new(Limits::default());
        let ours: Vec<_> = (0..3).map(|_| doors.open(true)).collect();
        let others: Vec<_> = (0..1000).map(|_| doors.open(false)).collect();
        assert_eq!(counts(&doors), [3, 16, 0]);
        doors.has_asked(&ours[0], true);
        assert_eq!(counts(&doors), [2, 16, 1]);
        others
            .iter()
            .chain(&ours)
            .for_each(|guest| doors.close(guest));
        assert_eq!(counts(&doors), [0; 3]);
    }
}
