//! Who waits for stories: counts and value for everybody, names for those who may see customers.

use std::collections::{BTreeMap, HashMap};

use crate::domain::base::{Id, Money};
use crate::domain::stories::dependency::StoryBrief;
use crate::domain::stories::plan::{Waiting, WaitingCustomer};
use crate::domain::team::access::ProductAccess;
use crate::error::Result;
use crate::store::Conn;
use crate::store::stories::depending::waiting::{self, CustomerBehind};

/// The most customers who are named.
const MOST_NAMES: usize = 200;

/// How many wait for these stories, without names.
pub fn counted(conn: &mut Conn, stories: &[&StoryBrief]) -> Result<Waiting> {
    let ids: Vec<Id> = stories.iter().map(|story| story.id).collect();
    Ok(summed(&waiting::behind(conn, &ids)?))
}

/// Who waits for these stories. Customers are named where the caller may see them; all are counted.
pub fn named(conn: &mut Conn, access: &ProductAccess, stories: &[&StoryBrief]) -> Result<Waiting> {
    let ids: Vec<Id> = stories.iter().map(|story| story.id).collect();
    let behind = waiting::behind(conn, &ids)?;
    let counts = summed(&behind);
    Ok(Waiting { names: names(access, stories, behind), ..counts })
}

fn summed(behind: &[CustomerBehind]) -> Waiting {
    let mut valued: HashMap<Id, Option<&Money>> = HashMap::new();
    for one in behind {
        if let Some((account, _)) = &one.account {
            valued.insert(*account, one.annual_value.as_ref());
        }
    }
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for money in valued.values().flatten() {
        let sum = sums.entry(&money.currency).or_default();
        *sum = sum.saturating_add(money.amount_minor);
    }
    let money = |(currency, amount_minor): (&str, i64)| Money { amount_minor, currency: currency.to_owned() };
    Waiting {
        customers: behind.len(),
        accounts: valued.len(),
        annual_value: sums.into_iter().map(money).collect(),
        without_value: valued.values().filter(|value| value.is_none()).count(),
        names: None,
    }
}

/// The customers by name, most valuable first; `None` where the caller may see customers in none of these products.
fn names(access: &ProductAccess, stories: &[&StoryBrief], behind: Vec<CustomerBehind>) -> Option<Vec<WaitingCustomer>> {
    if !access.may("get_customer") {
        return None;
    }
    let products = access.products_for("get_customer");
    let sees = |product: Id| products.as_ref().is_none_or(|products| products.contains(&product));
    let seen = stories.iter().filter(|story| sees(story.product_id));
    let numbers: HashMap<Id, &str> = seen.map(|story| (story.id, story.number.as_str())).collect();
    let mut named: Vec<WaitingCustomer> = behind.into_iter().filter_map(|one| customer(one, &numbers)).collect();
    let value = |one: &WaitingCustomer| one.annual_value.as_ref().map_or(0, |money| money.amount_minor);
    named.sort_by(|a, b| {
        value(b).cmp(&value(a)).then_with(|| a.name.cmp(&b.name)).then_with(|| a.customer_id.cmp(&b.customer_id))
    });
    named.truncate(MOST_NAMES);
    Some(named)
}

fn customer(one: CustomerBehind, numbers: &HashMap<Id, &str>) -> Option<WaitingCustomer> {
    let mut stories: Vec<String> =
        one.stories.iter().filter_map(|id| numbers.get(id)).map(|number| (*number).to_owned()).collect();
    if stories.is_empty() {
        return None;
    }
    stories.sort();
    let (account_id, account) = one.account.unzip();
    Some(WaitingCustomer {
        customer_id: one.id,
        name: one.name,
        account_id,
        account,
        annual_value: one.annual_value,
        stories,
    })
}
