package authz

import "time"

// holdFaults are holds.
var holdFaults = []fault{
	{"an incident involves the person", "incident", hold(Hold{Kind: HoldIncident, Person: "person", From: asked})},
	{"an incident involves the contract", "incident", hold(Hold{Kind: HoldIncident, Contract: "contract", From: asked})},
	{"an incident involves the asset", "incident", hold(Hold{Kind: HoldIncident, Asset: "asset", From: asked})},
	{"an incident involves everything", "incident", hold(Hold{Kind: HoldIncident})},
	{"a hold of another kind is on the person", "incident", hold(Hold{Kind: "other", Person: "person"})},
	{"an incident involves an asset that the asset contains", "incident", func(_ *Question, f *Facts) {
		f.Asset.Members = []Asset{{ID: "part", Importance: 1, State: AssetActive}}
		f.Holds = append(f.Holds, Hold{Kind: HoldIncident, Asset: "part", From: asked})
	}},
	{"an incident involves others", "", func(_ *Question, f *Facts) {
		f.Holds = append(f.Holds, Hold{Kind: HoldIncident, Person: "other"}, Hold{Kind: HoldIncident, Contract: "other"},
			Hold{Kind: HoldIncident, Asset: "other"}, Hold{Kind: HoldIncident, From: later}, Hold{Kind: HoldIncident, Until: asked},
			Hold{Kind: HoldLegal, Person: "other"}, Hold{Kind: HoldShared, Person: "other"}, Hold{Kind: HoldShared, Contract: "other"},
			Hold{Kind: HoldShared, Asset: "other"}, Hold{Kind: HoldShared, From: later}, Hold{Kind: HoldShared, Until: asked})
	}},
	{"the action would change evidence", "evidence scope notified right deed", func(q *Question, _ *Facts) { q.Action = "update" }},
	{"the action would change what is evidence no longer", "scope notified right deed", func(q *Question, f *Facts) {
		q.Action, f.Holds[1].Until = "update", asked
	}},
	{"the action would change what is evidence later", "scope notified right deed", func(q *Question, f *Facts) {
		q.Action, f.Holds[1].From = "update", later
	}},
	{"the action would change other evidence", "scope notified right deed", func(q *Question, f *Facts) {
		q.Action = "update"
		f.Holds = []Hold{{Kind: HoldLegal, Asset: "other"}, {Kind: HoldLegal, Contract: "other"}, {Kind: HoldLegal, Person: "other"}}
	}},
	{"the credential seems to be shared", "unshared", hold(Hold{Kind: HoldShared, Person: "person", From: asked})},
	{"something else is to be carried out while a thing is overdue", "returned permit scope notified right", func(q *Question, _ *Facts) {
		q.Action = "carry_out"
	}},
	{"something else is to be carried out after the thing was returned", "permit scope notified right", func(q *Question, f *Facts) {
		q.Action, f.Loans[0].Returned = "carry_out", asked
	}},
	{"something else is to be carried out before the thing is due", "permit scope notified right", func(q *Question, f *Facts) {
		q.Action, f.Loans[0].Due = "carry_out", later
	}},
	{"something else is to be carried out while another person's thing is overdue", "permit scope notified right", func(q *Question, f *Facts) {
		q.Action, f.Loans[0].Person = "carry_out", "other"
	}},
}

func hold(h Hold) func(*Question, *Facts) {
	return func(_ *Question, f *Facts) { f.Holds = append(f.Holds, h) }
}

// limitFaults are limits of the right that stand in the way.
var limitFaults = []fault{
	{"the right is a service account's", "notified right", func(_ *Question, f *Facts) { f.Rights[0].Holder = "service" }},
	{"the right excepts the purpose", "notified right", func(_ *Question, f *Facts) { f.Rights[0].Limits.Prohibited = []string{"U.TAX.INPUT"} }},
	{"the right excepts a part of the purpose", "notified right", func(_ *Question, f *Facts) {
		f.Rights[0].Limits.Prohibited = []string{"U.TAX.INPUT.NIGHT"}
	}},
	{"a condition of the right is not met", "notified right", func(_ *Question, f *Facts) { f.Rights[0].Limits.Provisos[0].AuthLevel = 3 }},
	{"the system does not fulfil an obligation of the right", "notified right", func(_ *Question, f *Facts) {
		f.Rights[0].Limits.Provisos[0].Obligations = []Obligation{{Name: TwoPerson}}
	}},
}

// contextFaults are faults of the circumstances.
var contextFaults = []fault{
	{"the zone is not stated", "zone", func(q *Question, _ *Facts) { q.Context.Zone = "" }},
	{"the zone is no name", "zone", func(q *Question, _ *Facts) { q.Context.Zone = "*" }},
	{"the zone is not one for the class", "zone", func(q *Question, _ *Facts) { q.Context.Zone = "other" }},
	{"the zone is not one for the system", "zone", func(_ *Question, f *Facts) { f.System.Zones = OnlyOf("other") }},
	{"the directory is not fresh", "directory", func(_ *Question, f *Facts) { f.Directory.Read = ago }},
	{"what the directory says of the person waits for somebody", "incident", func(_ *Question, f *Facts) { f.Person.Held = asked }},
	{"what the directory says of the person will wait", "", func(_ *Question, f *Facts) { f.Person.Held = later }},
	{"the person has been in doubt for too long", "directory", func(_ *Question, f *Facts) { f.Person.Doubted = ago }},
	{"the person is in doubt", "", func(_ *Question, f *Facts) { f.Person.Doubted = asked }},
	{"the clock is off", "clock", func(_ *Question, f *Facts) { f.Clock.Offset = time.Minute }},
	{"the clock is off the other way", "clock", func(_ *Question, f *Facts) { f.Clock.Offset = -time.Minute }},
	{"the clock is lost", "clock", func(_ *Question, f *Facts) { f.Clock.Lost = true }},
	{"the nonce was used before", "once", func(q *Question, _ *Facts) { q.Repeated = true }},
	{"there is no nonce", "once", func(q *Question, _ *Facts) { q.Context.Nonce = "" }},
	{"the nonce is no word", "once", func(q *Question, _ *Facts) { q.Context.Nonce = "*" }},
	{"it is not stated when it was asked", "once", func(q *Question, _ *Facts) { q.Context.Asked = time.Time{} }},
	{"it was asked too long ago", "once", func(q *Question, _ *Facts) { q.Context.Asked = q.At.Add(-time.Minute - time.Microsecond) }},
	{"it will be asked", "once", func(q *Question, _ *Facts) { q.Context.Asked = q.At.Add(time.Minute + time.Microsecond) }},
	{"the person is authenticated too weakly", "authenticated", func(_ *Question, f *Facts) { f.Parameters.Classes[0].AuthLevel = 3 }},
	{"it is not stated how the person is authenticated", "authenticated provided notified right", func(q *Question, _ *Facts) {
		q.Context.AuthLevel = 0
	}},
	{"the person was authenticated too long ago", "authenticated", func(q *Question, _ *Facts) { q.Context.AuthTime = ago }},
	{"it is not stated when the person was authenticated", "authenticated", func(q *Question, _ *Facts) { q.Context.AuthTime = time.Time{} }},
	{"the person will be authenticated", "authenticated", func(q *Question, _ *Facts) { q.Context.AuthTime = asked.Add(time.Minute) }},
	{"the case is not named", "reference provided", func(q *Question, _ *Facts) { q.Context.CaseRef = "" }},
	{"the case is named in another form", "reference provided", func(q *Question, _ *Facts) { q.Context.CaseRef = "R8-X" }},
	{"the workplace is not stated", "workplace provided", func(q *Question, _ *Facts) { q.Context.Workplace = "" }},
	{"the workplace is another", "workplace provided", func(q *Question, _ *Facts) { q.Context.Workplace = "other" }},
	{"the workplace is not one of the contract", "workplace", func(_ *Question, f *Facts) { f.Contract.Workplaces = OnlyOf("other") }},
	{"the workplace is not one of the person", "workplace", func(_ *Question, f *Facts) { f.Assignment.Workplaces = OnlyOf("other") }},
	{"the device is not stated", "device", func(q *Question, _ *Facts) { q.Context.Device = "" }},
	{"the device is not one of the contract", "device", func(_ *Question, f *Facts) { f.Contract.Devices = OnlyOf("other") }},
	{"the device is not one of the person", "device", func(_ *Question, f *Facts) { f.Assignment.Devices = OnlyOf("other") }},
	{"the hour is too late", "hours", func(_ *Question, f *Facts) { f.Contract.Hours.Windows[0] = window(8, 9, time.Wednesday) }},
	{"the hour is too early", "hours", func(_ *Question, f *Facts) { f.Contract.Hours.Windows[0] = window(10, 12, time.Wednesday) }},
	{"the day is another", "hours", func(_ *Question, f *Facts) { f.Contract.Hours.Windows[0] = window(0, 24, time.Thursday) }},
	{"the volume is not stated", "volume", func(q *Question, _ *Facts) { q.Context.Rows = 0 }},
	{"the volume is more than the contract lets", "volume", func(_ *Question, f *Facts) { f.Contract.Rows = 4 }},
	{"the volume is more than the class lets", "volume", func(_ *Question, f *Facts) { f.Parameters.Classes[0].Rows = 4 }},
	{"the system does not fulfil a duty", "protected", func(_ *Question, f *Facts) {
		f.Parameters.Duties[0].Obligation.Name = Watermark
	}},
	{"the system fulfils nothing", "protected notified right", func(_ *Question, f *Facts) { f.System.Obligations = nil }},
}

func window(from, until time.Duration, day time.Weekday) Window {
	return Window{Days: []time.Weekday{day}, From: from * time.Hour, Until: until * time.Hour}
}
