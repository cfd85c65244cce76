//! Headers of HR files, folded; of each list the first that occurs counts.

pub(super) const EMAIL: &[&str] = &[
    "workemail",
    "email",
    "emailaddress",
    "workemailaddress",
    "companyemail",
    "businessemail",
    "corporateemail",
    "primaryemail",
    "mail",
    "emailwork",
    "emailprimarywork",
];
pub(super) const OTHER_ADDRESSES: &[&str] = &[
    "aliases",
    "alias",
    "otheremails",
    "secondaryemail",
    "personalemail",
    "login",
    "username",
    "userid",
    "upn",
    "userprincipalname",
];
pub(super) const ID: &[&str] =
    &["employeeid", "employeenumber", "employeeno", "personnelnumber", "personid", "workerid", "staffid", "staffnumber", "id"];
pub(super) const NAME: &[&str] =
    &["legalname", "fullname", "name", "displayname", "employeename", "employee", "workername", "preferredname"];
pub(super) const FIRST_NAME: &[&str] = &["firstname", "givenname", "legalfirstname", "preferredfirstname"];
pub(super) const LAST_NAME: &[&str] = &["lastname", "surname", "familyname", "legallastname"];
pub(super) const STATUS: &[&str] =
    &["status", "employmentstatus", "employeestatus", "workerstatus", "staffstatus", "personstatus"];
pub(super) const LEFT_AT: &[&str] = &[
    "terminationdate",
    "leftat",
    "leavingdate",
    "dateleft",
    "enddate",
    "employmentenddate",
    "lastday",
    "lastdayofwork",
    "lastworkingday",
    "exitdate",
    "separationdate",
    "leavedate",
    "termdate",
];
pub(super) const HIRED_AT: &[&str] =
    &["hiredate", "hiredat", "startdate", "employmentstartdate", "rehiredate", "datehired", "joiningdate"];
pub(super) const KIND: &[&str] = &["kind", "persontype", "accounttype"];
/// Headers that an inventory of tokens has and an HR file does not.
pub(super) const OF_TOKENS: &[&str] = &[
    "tokenid",
    "tokenname",
    "token",
    "keyid",
    "accesskeyid",
    "secretid",
    "scopes",
    "scopesgranted",
    "accessscopes",
    "provider",
    "expiresat",
    "lastusedat",
    "lastrotatedat",
    "apikey",
    "key",
    "keyname",
    "apitoken",
    "credential",
    "tokentype",
    "permissions",
    "lastused",
    "lastusedon",
    "lastrotated",
    "expires",
    "expireson",
    "expiry",
    "expirydate",
];
/// Headers of rosters that have a format of their own.
pub(super) const OF_OTHERS: &[&str] = &["emailaddressrequired", "accountenabled"];
