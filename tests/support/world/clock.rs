//! The clock that a test turns.

use hearback::clock::Clock;
use hearback::domain::base::Time;

use super::World;

impl World {
    /// The clock of every stored time; only in this process.
    pub fn clock(&self) -> &Clock {
        &self.inside().clock
    }

    /// The present time of the world.
    pub fn now(&self) -> Time {
        self.clock().now()
    }

    /// Turns the clock by some days and runs what is due.
    pub fn days_pass(&self, days: i64) {
        self.clock().advance(days * Time::DAY);
        self.step("closing");
        self.pump();
    }
}
