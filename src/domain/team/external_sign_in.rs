//! Sign-in by others: an OpenID Connect provider, or a proxy that names who signed in there.

use super::Role;

/// A person, as a provider knows them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalIdentity {
    /// The provider.
    pub issuer: String,
    /// The person at the provider: the same for life, where an e-mail address is not.
    pub subject: String,
    pub email: Option<String>,
    /// Whether the provider says that the address belongs to the person.
    pub email_verified: bool,
    pub name: Option<String>,
    pub groups: Vec<String>,
}

/// What groups mean here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupRules {
    /// Groups with their roles.
    pub roles: Vec<(String, Role)>,
    /// Whether only people with one of these groups may sign in.
    pub required: bool,
}

impl GroupRules {
    /// Reads `group=role` pairs, separated by commas. A group's name may contain `=`.
    ///
    /// # Errors
    /// A sentence that says which pair is wrong.
    pub fn read(pairs: &str, required: bool) -> Result<Self, String> {
        let pairs = pairs.split(',').map(str::trim).filter(|pair| !pair.is_empty());
        let read = |pair: &str| {
            let (group, role) = pair.rsplit_once('=').ok_or_else(|| format!("{pair:?} is not group=role"))?;
            let (group, role) = (group.trim(), role.trim());
            let known: Role = role.parse().map_err(|()| format!("{role:?} is not a role"))?;
            if group.is_empty() { Err(format!("{pair:?} names no group")) } else { Ok((group.to_owned(), known)) }
        };
        Ok(Self { roles: pairs.map(read).collect::<Result<_, _>>()?, required })
    }

    /// The role of a person with these groups: the first in the order of roles, which begins with admin.
    pub fn role_of(&self, groups: &[String]) -> Option<Role> {
        self.roles.iter().filter(|(group, _)| groups.contains(group)).map(|(_, role)| *role).min()
    }
}

crate::domain::names! {
    /// Why somebody whom a provider knows may not sign in.
    pub enum EntryRefusal {
        Unknown "unknown", Inactive "inactive", Unverified "unverified", NoGroup "no_group",
        OtherAccount "other_account",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_become_the_strongest_of_their_roles() {
        let rules = GroupRules::read(" cn=voc,dc=example=support, leads = product ,", false);
        assert_eq!(rules, Err("\"cn=voc\" is not a role".replace("cn=voc", "voc")), "a comma ends a pair");
        let rules = GroupRules::read("cn=voc=support, leads = product ,", true).expect("rules");
        let groups = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        assert_eq!(rules.role_of(&groups(&["cn=voc"])), Some(Role::Support));
        assert_eq!(rules.role_of(&groups(&["cn=voc", "leads", "x"])), Some(Role::Product));
        assert_eq!(rules.role_of(&groups(&["others"])), None);
        assert!(GroupRules::read("leads", false).is_err() && GroupRules::read("=admin", false).is_err());
        assert!(GroupRules::read("leads=boss", false).is_err());
    }
}
