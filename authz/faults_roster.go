package authz

import "time"

// personFaults are faults of the person's account and assignment.
var personFaults = []fault{
	{"the person is not known", "account owner principal", func(_ *Question, f *Facts) { f.Person = nil }},
	{"the person known is another", "account owner principal", func(_ *Question, f *Facts) { f.Person.ID = "other" }},
	{"the account is disabled", "account owner", func(_ *Question, f *Facts) { f.Person.Account = AccountDisabled }},
	{"the account is not in the directory", "account owner", func(_ *Question, f *Facts) { f.Person.Account = AccountUnknown }},
	{"the account is not bound", "account owner", func(_ *Question, f *Facts) { f.Person.Account = AccountUnbound }},
	{"the person has departed", "account owner", func(_ *Question, f *Facts) { f.Person.Account = AccountDeparted }},
	{"the account has expired", "account owner", func(_ *Question, f *Facts) { f.Person.Until = asked }},
	{"the employment has not begun", "account owner", func(_ *Question, f *Facts) { f.Person.Begins = later }},
	{"the person is one of several", "account owner", func(_ *Question, f *Facts) { f.Person.Ambiguous = true }},
	{"the person was transferred", "account owner", func(_ *Question, f *Facts) { f.Person.Transferred = asked }},
	{"the person is a service account without an owner", "owner mode principal member pledge trained", func(_ *Question, f *Facts) {
		f.Person.Service = true
	}},
	{"the person is a service account that owns itself", "owner mode principal member pledge trained", func(_ *Question, f *Facts) {
		f.Person.Service, f.Person.Owner, f.Owner = true, "person", f.Person
	}},
	{"the person is on leave", "present", func(_ *Question, f *Facts) { f.Person.Leaves = []Term{{From: asked}} }},
	{"the person has always been on leave", "present", func(_ *Question, f *Facts) { f.Person.Leaves = []Term{{}} }},
	{"the directory shows another employer", "employer", func(_ *Question, f *Facts) { f.Person.Organizations = OnlyOf("prime") }},
	{"the person acts for somebody who is not known", "principal", func(q *Question, _ *Facts) { q.Context.OnBehalfOf = "other" }},
	{"the system must name for whom the person acts", "principal", func(_ *Question, f *Facts) { f.System.OnBehalf = true }},
	{"there is no training", "trained", func(_ *Question, f *Facts) { f.Trainings = nil }},
	{"the training was another person's", "trained", func(_ *Question, f *Facts) { f.Trainings[0].Person = "other" }},
	{"the training was for another contract", "trained", func(_ *Question, f *Facts) { f.Trainings[0].Contract = "other" }},
	{"the training comes later", "trained", func(_ *Question, f *Facts) { f.Trainings[0].Term.From = later }},
	{"the training no longer counts", "trained", func(_ *Question, f *Facts) { f.Trainings[0].Term.Until = asked }},
	{"the person is not assigned", "chain scope employer member notified pledge right", func(_ *Question, f *Facts) { f.Assignment = nil }},
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
	{"the asset is not known", "asset intended", func(_ *Question, f *Facts) { f.Asset = nil }},
	{"the asset known is another", "asset intended", func(_ *Question, f *Facts) { f.Asset.ID = "other" }},
	{"the asset is not classified", "asset", func(_ *Question, f *Facts) { f.Asset.Importance = 0 }},
	{"the asset is disposed of", "asset", func(_ *Question, f *Facts) { f.Asset.State = AssetDisposed }},
	{"the asset contains one that is not classified", "asset", func(_ *Question, f *Facts) {
		f.Asset.Members = []Asset{{ID: "part", State: AssetActive}}
	}},
	{"the asset contains one that is locked", "asset", func(_ *Question, f *Facts) {
		f.Asset.Members = []Asset{{ID: "part", Importance: 1, State: AssetLocked}}
	}},
	{"the asset is intended for another purpose", "intended", func(_ *Question, f *Facts) { f.Asset.Purposes = OnlyOf("U.NHI") }},
	{"the asset contains one for another purpose", "intended", func(_ *Question, f *Facts) {
		f.Asset.Members = []Asset{{ID: "part", Importance: 1, State: AssetActive, Purposes: OnlyOf("U.NHI")}}
	}},
	{"the asset is not there for the purpose", "permitted", func(_ *Question, f *Facts) { f.Asset.Prohibited = []string{"U.TAX"} }},
	{"the asset is not there for a part of the purpose", "permitted", func(_ *Question, f *Facts) {
		f.Asset.Prohibited = []string{"U.TAX.INPUT.NIGHT"}
	}},
	{"another asset, which is not there for the purpose, is known", "asset intended", func(_ *Question, f *Facts) {
		f.Asset.ID, f.Asset.Prohibited, f.Asset.Provisos[0].Rows = "other", []string{"U", "U.TAX.INPUT.NIGHT"}, 1
	}},
	{"a condition of the asset on another purpose is not met", "", func(_ *Question, f *Facts) {
		f.Asset.Provisos = append(f.Asset.Provisos, Proviso{Purpose: "U.NHI", Rows: 1})
	}},
	{"a condition of the asset is not met", "provided", func(_ *Question, f *Facts) { f.Asset.Provisos[0].AuthLevel = 3 }},
	{"the asset is locked", "asset", func(_ *Question, f *Facts) { f.Asset.State = AssetLocked }},
}

// purposeFaults are faults of the purpose.
var purposeFaults = []fault{
	{"the purpose is not known", "caller scope notified right purpose agreed intended deed emergency", func(_ *Question, f *Facts) { f.Purpose = nil }},
	{"the purpose known is another", "caller scope notified right purpose agreed intended deed emergency", func(_ *Question, f *Facts) {
		f.Purpose.Code = "U.TAX.CALC"
	}},
	{"the purpose is not a leaf", "purpose", func(_ *Question, f *Facts) { f.Purpose.Leaf = false }},
	{"the purpose is not yet in use", "purpose", func(_ *Question, f *Facts) { f.Purpose.Term.From = later }},
	{"another action serves the purpose", "deed", func(_ *Question, f *Facts) { f.Purpose.Actions = OnlyOf("print") }},
	{"the purpose is one of emergency", "emergency", func(_ *Question, f *Facts) { f.Parameters.Emergency.Purposes = []string{"U.TAX"} }},
	{"the purpose is no longer in use", "purpose", func(_ *Question, f *Facts) { f.Purpose.Term.Until = asked }},
}
