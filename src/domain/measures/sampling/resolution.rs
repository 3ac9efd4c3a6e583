//! The resolutions in which a series is stored, and how long each is kept. What one series takes is bounded by these.

/// Seconds of a bucket of five minutes, of an hour and of a day in UTC.
pub const FIVE: i64 = 300;
pub const HOUR: i64 = 3600;
pub const DAY: i64 = 86_400;

/// How late a sample may be: behind the newest one of its series, in milliseconds.
pub const MOST_LATE: i64 = 24 * HOUR * 1000;
/// How far ahead of the clock a sample may be, in milliseconds: clocks differ a little.
pub const MOST_AHEAD: i64 = 10 * 60 * 1000;
/// The most samples of one series in one hour: one a second.
pub const MOST_AN_HOUR: usize = 3600;
/// The most series of one metric, and of all metrics together.
pub const MOST_SERIES: usize = 20;
pub const MOST_SERIES_IN_ALL: usize = 1000;

/// A resolution, from the finest to the coarsest. Rows of the database ("chunks") hold a part of a series in one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Resolution {
    /// Samples as they were sent; a chunk is an hour. Kept for the time in which a late sample is accepted.
    Raw,
    /// Buckets of five minutes; a chunk is a day in UTC.
    Five,
    /// Buckets of an hour; a chunk is ten days.
    Hour,
    /// Buckets of a day in the product's time zone; a chunk is 256 days.
    Day,
}

impl Resolution {
    /// All of them, by their number in the database.
    pub const ALL: [Resolution; 4] = [Resolution::Raw, Resolution::Five, Resolution::Hour, Resolution::Day];

    /// The number in the database.
    pub const fn number(self) -> i32 {
        match self {
            Resolution::Raw => 0,
            Resolution::Five => 1,
            Resolution::Hour => 2,
            Resolution::Day => 3,
        }
    }

    /// The resolution with this number.
    pub fn numbered(number: i32) -> Option<Self> {
        Self::ALL.into_iter().find(|resolution| resolution.number() == number)
    }

    /// Buckets in a chunk.
    pub const fn buckets(self) -> i64 {
        match self {
            Resolution::Raw => 1,
            Resolution::Five => DAY / FIVE,
            Resolution::Hour => 240,
            Resolution::Day => 256,
        }
    }

    /// For how many days its chunks are kept; raw samples are dropped when a late sample could no longer meet them. The
    /// fifteenth day of the buckets of five minutes makes sure that each of the last fourteen days is whole in any time
    /// zone.
    pub const fn days_kept(self) -> i64 {
        match self {
            Resolution::Raw => 2,
            Resolution::Five => 15,
            Resolution::Hour => 100,
            Resolution::Day => 5 * 366,
        }
    }

    /// The oldest chunk that is kept on this day (days since 1970 in UTC). `Raw` follows the newest sample instead.
    pub const fn oldest_kept(self, today: i64) -> i64 {
        let day = today - self.days_kept();
        match self {
            Resolution::Raw => day * 24,
            Resolution::Five => day,
            Resolution::Hour => (day * 24).div_euclid(240),
            Resolution::Day => day.div_euclid(256),
        }
    }
}
