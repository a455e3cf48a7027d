package authz

import "time"

// personFaults are faults of the person's account and assignment.
var personFaults = []fault{
	{"the person is not known", "account", func(_ *Question, f *Facts) { f.Person = nil }},
	{"the person known is another", "account", func(_ *Question, f *Facts) { f.Person.ID = "other" }},
	{"the account is disabled", "account", func(_ *Question, f *Facts) { f.Person.Account = AccountDisabled }},
	{"the account is not in the directory", "account", func(_ *Question, f *Facts) { f.Person.Account = AccountUnknown }},
	{"the account is not bound", "account", func(_ *Question, f *Facts) { f.Person.Account = AccountUnbound }},
	{"the person has departed", "account", func(_ *Question, f *Facts) { f.Person.Account = AccountDeparted }},
	{"the account has expired", "account", func(_ *Question, f *Facts) { f.Person.Until = asked }},
	{"the person is not assigned", "chain scope member notified pledge right", func(_ *Question, f *Facts) { f.Assignment = nil }},
	{"another person is assigned", "member notified right", func(_ *Question, f *Facts) { f.Assignment.Person = "other" }},
	{"the person is assigned to another contract", "member notified right", func(_ *Question, f *Facts) {
		f.Assignment.Contract = "other"
	}},
	{"the assignment has not begun", "member", func(_ *Question, f *Facts) { f.Assignment.Term.From = later }},
	{"the assignment's period is over", "member", func(_ *Question, f *Facts) { f.Assignment.Term.Until = asked }},
	{"the person was removed", "member", func(_ *Question, f *Facts) { f.Assignment.Ended = asked }},
	{"the assignment is suspended", "member", func(_ *Question, f *Facts) { f.Assignment.Suspended = asked }},
}

// rightFaults are faults of the right.
var rightFaults = []fault{
	{"there is no right", "notified right", func(_ *Question, f *Facts) { f.Rights = nil }},
	{"the right is to another asset", "notified right", func(_ *Question, f *Facts) { f.Rights[0].Asset = "other" }},
	{"the right is to another action", "notified right", func(_ *Question, f *Facts) { f.Rights[0].Action = "print" }},
	{"the right is for another purpose", "notified right", func(_ *Question, f *Facts) { f.Rights[0].Purpose = "U.TAX.CALC" }},
	{"the right has not begun", "notified right", func(_ *Question, f *Facts) { f.Rights[0].Term.From = later }},
	{"the right has ended", "notified right", func(_ *Question, f *Facts) { f.Rights[0].Term.Until = asked }},
	{"the city has not been notified", "notified", func(_ *Question, f *Facts) { f.Rights[0].Opened = time.Time{} }},
	{"the city is notified later", "notified", func(_ *Question, f *Facts) { f.Rights[0].Opened = later }},
	{"the city must acknowledge and has not", "notified", func(_ *Question, f *Facts) { f.Contract.AcknowledgementRequired = true }},
}

// pledgeFaults are faults of the pledge.
var pledgeFaults = []fault{
	{"there is no pledge", "pledge", func(_ *Question, f *Facts) { f.Pledges = nil }},
	{"the pledge is another person's", "pledge", func(_ *Question, f *Facts) { f.Pledges[0].Person = "other" }},
	{"the pledge is for another contract", "pledge", func(_ *Question, f *Facts) { f.Pledges[0].Contract = "other" }},
	{"the pledge is for another employer", "pledge", func(_ *Question, f *Facts) { f.Pledges[0].Employer = "prime" }},
	{"the pledge is not signed", "pledge", func(_ *Question, f *Facts) { f.Pledges[0].State = PledgeRequested }},
	{"the pledge is not verified", "pledge", func(_ *Question, f *Facts) { f.Pledges[0].State = PledgePending }},
	{"the pledge has not begun", "pledge", func(_ *Question, f *Facts) { f.Pledges[0].Term.From = later }},
	{"the pledge has ended", "pledge", func(_ *Question, f *Facts) { f.Pledges[0].Term.Until = asked }},
	{"the pledge is outdated", "pledge", func(_ *Question, f *Facts) { f.Pledges[0].Due = asked }},
}

// assetFaults are faults of the asset.
var assetFaults = []fault{
	{"the asset is not known", "asset", func(_ *Question, f *Facts) { f.Asset = nil }},
	{"the asset known is another", "asset", func(_ *Question, f *Facts) { f.Asset.ID = "other" }},
	{"the asset is not classified", "asset", func(_ *Question, f *Facts) { f.Asset.Importance = 0 }},
	{"the asset is disposed of", "asset", func(_ *Question, f *Facts) { f.Asset.State = AssetDisposed }},
	{"the asset is locked", "asset", func(_ *Question, f *Facts) { f.Asset.State = AssetLocked }},
}

// purposeFaults are faults of the purpose.
var purposeFaults = []fault{
	{"the purpose is not known", "caller scope notified right purpose agreed", func(_ *Question, f *Facts) { f.Purpose = nil }},
	{"the purpose known is another", "caller scope notified right purpose agreed", func(_ *Question, f *Facts) {
		f.Purpose.Code = "U.TAX.CALC"
	}},
	{"the purpose is not a leaf", "purpose", func(_ *Question, f *Facts) { f.Purpose.Leaf = false }},
	{"the purpose is not yet in use", "purpose", func(_ *Question, f *Facts) { f.Purpose.Term.From = later }},
	{"the purpose is no longer in use", "purpose", func(_ *Question, f *Facts) { f.Purpose.Term.Until = asked }},
}
