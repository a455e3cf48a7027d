package authz

// serviceFaults are faults where a service account asks.
var serviceFaults = []fault{
	{"the service account is disabled", "account", func(_ *Question, f *Facts) { f.Person.Account = AccountDisabled }},
	{"a human uses it", "mode", func(q *Question, _ *Facts) { q.Context.Mode = ModeInteractive }},
	{"it is not stated whether a human uses it", "mode", func(q *Question, _ *Facts) { q.Context.Mode = "" }},
	{"nobody answers for it", "owner principal member pledge trained", func(_ *Question, f *Facts) { f.Owner = nil }},
	{"another human is known than the one who answers", "owner principal member pledge trained", func(_ *Question, f *Facts) { f.Owner.ID = "other" }},
	{"the owner's account is disabled", "owner", func(_ *Question, f *Facts) { f.Owner.Account = AccountDisabled }},
	{"the owner's account has expired", "owner", func(_ *Question, f *Facts) { f.Owner.Until = asked }},
	{"the owner's employment has not begun", "owner", func(_ *Question, f *Facts) { f.Owner.Begins = later }},
	{"the owner was transferred", "owner", func(_ *Question, f *Facts) { f.Owner.Transferred = asked }},
	{"what the directory says of the owner waits for somebody", "incident", func(_ *Question, f *Facts) { f.Owner.Held = asked }},
	{"the owner has been in doubt for too long", "directory", func(_ *Question, f *Facts) { f.Parameters, f.Owner.Doubted = nil, asked.AddDate(0, 0, -1) }},
	{"the owner is one of several", "owner", func(_ *Question, f *Facts) { f.Owner.Ambiguous = true }},
	{"the owner is a service account", "owner", func(_ *Question, f *Facts) { f.Owner.Service = true }},
	{"the owner is on leave", "present", func(_ *Question, f *Facts) { f.Owner.Leaves = []Term{{From: asked}} }},
	{"the directory shows another employer of the owner", "employer", func(_ *Question, f *Facts) { f.Owner.Organizations = OnlyOf("prime") }},
	{"the right is the owner's", "notified right", func(_ *Question, f *Facts) { f.Rights[0].Holder = "" }},
	{"the assignment is the service account's", "member", func(_ *Question, f *Facts) { f.Assignment.Person = "service" }},
	{"the pledge is the service account's", "pledge", func(_ *Question, f *Facts) { f.Pledges[0].Person = "service" }},
	{"the training is the service account's", "trained", func(_ *Question, f *Facts) { f.Trainings[0].Person = "service" }},
	{"an incident involves the service account", "incident", hold(Hold{Kind: HoldIncident, Person: "service"})},
	{"an incident involves the owner", "incident", hold(Hold{Kind: HoldIncident, Person: "person"})},
	{"the service account's credential seems to be shared", "unshared", hold(Hold{Kind: HoldShared, Person: "service"})},
	{"the owner's credential seems to be shared", "unshared", hold(Hold{Kind: HoldShared, Person: "person"})},
	{"the action would change evidence against the service account", "evidence scope notified right deed", func(q *Question, f *Facts) {
		q.Action, f.Holds = "update", []Hold{{Kind: HoldLegal, Person: "service"}}
	}},
	{"the action would change evidence against the owner", "scope notified right deed", func(q *Question, f *Facts) {
		q.Action, f.Holds = "update", []Hold{{Kind: HoldLegal, Person: "person"}}
	}},
}

// deputyFaults are faults where a service account acts for somebody.
var deputyFaults = []fault{
	{"the system does not name the other", "principal", func(q *Question, _ *Facts) { q.Context.OnBehalfOf = "" }},
	{"nobody lets the service account act", "principal", func(_ *Question, f *Facts) { f.Principal.Delegations = nil }},
	{"another may act", "principal", func(_ *Question, f *Facts) { f.Principal.Delegations[0].Person = "person" }},
	{"it may act for another", "principal", func(_ *Question, f *Facts) { f.Principal.Delegations[0].Principal = "person" }},
	{"it may act under another contract", "principal", func(_ *Question, f *Facts) { f.Principal.Delegations[0].Contract = "other" }},
	{"it may act later", "principal", func(_ *Question, f *Facts) { f.Principal.Delegations[0].Term.From = later }},
	{"it may act no longer", "principal", func(_ *Question, f *Facts) { f.Principal.Delegations[0].Term.Until = asked }},
	{"the principal is not known", "principal", func(_ *Question, f *Facts) { f.Principal.Person = nil }},
	{"the principal is disabled", "principal", func(_ *Question, f *Facts) { f.Principal.Person.Account = AccountDisabled }},
	{"the principal has expired", "principal", func(_ *Question, f *Facts) { f.Principal.Person.Until = asked }},
	{"the principal has not begun", "principal", func(_ *Question, f *Facts) { f.Principal.Person.Begins = later }},
	{"what the directory says of the principal waits for somebody", "incident", func(_ *Question, f *Facts) { f.Principal.Person.Held = asked }},
	{"the principal was transferred", "principal", func(_ *Question, f *Facts) { f.Principal.Person.Transferred = asked }},
	{"the principal is one of several", "principal", func(_ *Question, f *Facts) { f.Principal.Person.Ambiguous = true }},
	{"the principal is a service account", "principal", func(_ *Question, f *Facts) { f.Principal.Person.Service = true }},
	{"the owner is on leave", "present", func(_ *Question, f *Facts) { f.Owner.Leaves = []Term{{From: asked}} }},
	{"both will be on leave", "", func(_ *Question, f *Facts) {
		f.Owner.Leaves, f.Principal.Person.Leaves = []Term{{From: later}}, []Term{{From: later}}
	}},
	{"the principal is on leave", "present", func(_ *Question, f *Facts) { f.Principal.Person.Leaves = []Term{{From: asked}} }},
	{"the principal was on leave", "", func(_ *Question, f *Facts) { f.Principal.Person.Leaves = []Term{past} }},
	{"an incident involves the service account here", "incident", hold(holdHere(HoldIncident, "service"))},
	{"an incident involves the owner here", "incident", hold(holdHere(HoldIncident, "person"))},
	{"an incident involves the principal here", "incident", hold(holdHere(HoldIncident, "principal"))},
	{"incidents involve them elsewhere", "", func(_ *Question, f *Facts) { f.Holds = holdsElsewhere(HoldIncident) }},
	{"the service account's credential seems to be shared here", "unshared", hold(holdHere(HoldShared, "service"))},
	{"the owner's credential seems to be shared here", "unshared", hold(holdHere(HoldShared, "person"))},
	{"the principal's credential seems to be shared here", "", hold(holdHere(HoldShared, "principal"))},
	{"credentials seem to be shared elsewhere", "", func(_ *Question, f *Facts) { f.Holds = holdsElsewhere(HoldShared) }},
	{"the action would change evidence against the service account here", "evidence scope notified right deed", func(q *Question, f *Facts) {
		q.Action, f.Holds = "update", []Hold{holdHere(HoldLegal, "service")}
	}},
	{"the action would change evidence against others", "scope notified right deed", func(q *Question, f *Facts) {
		q.Action, f.Holds = "update", append(holdsElsewhere(HoldLegal), holdHere(HoldLegal, "person"), holdHere(HoldLegal, "principal"))
	}},
	{"the owner carries something out while a thing is overdue", "returned permit scope notified right", func(q *Question, _ *Facts) {
		q.Action = "carry_out"
	}},
	{"the principal is not assigned", "principal", func(_ *Question, f *Facts) { f.Principal.Assignment = nil }},
	{"the principal is assigned to another contract", "principal", func(_ *Question, f *Facts) { f.Principal.Assignment.Contract = "other" }},
	{"another is assigned", "principal", func(_ *Question, f *Facts) { f.Principal.Assignment.Person = "other" }},
	{"the principal's assignment comes later", "principal", func(_ *Question, f *Facts) { f.Principal.Assignment.Term.From = later }},
	{"the principal's assignment is over", "principal", func(_ *Question, f *Facts) { f.Principal.Assignment.Term.Until = asked }},
	{"the principal was removed", "principal", func(_ *Question, f *Facts) { f.Principal.Assignment.Ended = asked }},
	{"the principal is suspended", "principal", func(_ *Question, f *Facts) { f.Principal.Assignment.Suspended = asked }},
	{"the principal has not pledged", "principal", func(_ *Question, f *Facts) { f.Principal.Pledges = nil }},
	{"another has pledged", "principal", func(_ *Question, f *Facts) { f.Principal.Pledges[0].Person = "other" }},
	{"the principal has pledged for another contract", "principal", func(_ *Question, f *Facts) { f.Principal.Pledges[0].Contract = "other" }},
	{"the principal's pledge is rejected", "principal", func(_ *Question, f *Facts) { f.Principal.Pledges[0].State = PledgeRejected }},
	{"the principal's pledge comes later", "principal", func(_ *Question, f *Facts) { f.Principal.Pledges[0].Term.From = later }},
	{"the principal's pledge is over", "principal", func(_ *Question, f *Facts) { f.Principal.Pledges[0].Term.Until = asked }},
	{"the principal's pledge is outdated", "principal", func(_ *Question, f *Facts) { f.Principal.Pledges[0].Due = asked }},
	{"the owner is not assigned, the principal is", "member notified right chain scope employer pledge", func(_ *Question, f *Facts) {
		f.Assignment = nil
	}},
	{"the owner has not pledged, the principal has", "pledge", func(_ *Question, f *Facts) { f.Pledges = nil }},
	{"the owner's account is disabled, the principal's is not", "owner", func(_ *Question, f *Facts) { f.Owner.Account = AccountDisabled }},
}

// holdHere is a hold on what a person does to the asset under the contract.
func holdHere(kind HoldKind, person string) Hold {
	return Hold{Kind: kind, Person: person, Contract: "contract", Asset: "asset", From: asked}
}

// holdsElsewhere are holds on everybody at another time, under another contract, or on another asset.
func holdsElsewhere(kind HoldKind) []Hold {
	var holds []Hold
	for _, person := range []string{"service", "person", "principal"} {
		for _, spoil := range []func(*Hold){
			func(h *Hold) { h.Contract = "other" }, func(h *Hold) { h.Asset = "other" },
			func(h *Hold) { h.From = later }, func(h *Hold) { h.From, h.Until = ago, asked },
		} {
			h := holdHere(kind, person)
			spoil(&h)
			holds = append(holds, h)
		}
	}
	return holds
}

// permitFaults are faults of a permit that is needed.
var permitFaults = []fault{
	{"no permit is stated", "permit", func(q *Question, _ *Facts) { q.Context.Permit = "" }},
	{"another permit is stated", "permit", func(q *Question, _ *Facts) { q.Context.Permit = "other" }},
	{"there is no permit", "permit", func(_ *Question, f *Facts) { f.Permits = nil }},
	{"the permit is another person's", "permit", func(_ *Question, f *Facts) { f.Permits[0].Person = "person" }},
	{"the permit is nobody's", "permit", func(_ *Question, f *Facts) { f.Permits[0].Person = "" }},
	{"the permit is for another contract", "permit", func(_ *Question, f *Facts) { f.Permits[0].Contract = "other" }},
	{"the permit is not granted", "permit", func(_ *Question, f *Facts) { f.Permits[0].State = PermitPending }},
	{"nobody approved the permit", "permit", func(_ *Question, f *Facts) { f.Permits[0].Approver = "" }},
	{"the service account approved the permit", "permit", func(_ *Question, f *Facts) { f.Permits[0].Approver = "service" }},
	{"the owner approved the permit", "permit", func(_ *Question, f *Facts) { f.Permits[0].Approver = "person" }},
	{"the principal approved the permit", "permit", func(_ *Question, f *Facts) { f.Permits[0].Approver = "principal" }},
	{"the permit comes later", "permit", func(_ *Question, f *Facts) { f.Permits[0].Term.From = later }},
	{"the permit is over", "permit", func(_ *Question, f *Facts) { f.Permits[0].Term = past }},
	{"the permit is revoked", "permit", func(_ *Question, f *Facts) { f.Permits[0].Revoked = asked }},
	{"the permit is for another asset", "permit", func(_ *Question, f *Facts) { f.Permits[0].Assets = []string{"other"} }},
	{"the permit is for another action", "permit", func(_ *Question, f *Facts) { f.Permits[0].Actions = []string{"other"} }},
	{"the permit is for another purpose", "permit", func(_ *Question, f *Facts) { f.Permits[0].Purposes = []string{"K"} }},
	{"the recipient is another", "permit", func(q *Question, _ *Facts) { q.Context.Recipient = "other" }},
	{"the recipient is not stated", "permit", func(q *Question, _ *Facts) { q.Context.Recipient = "" }},
	{"the medium is another", "permit", func(q *Question, _ *Facts) { q.Context.Medium = "other" }},
	{"the medium is not stated", "permit", func(q *Question, _ *Facts) { q.Context.Medium = "" }},
	{"the permit is for fewer records", "permit", func(_ *Question, f *Facts) { f.Permits[0].Rows = 4 }},
	{"the permit's records are used up", "permit", func(_ *Question, f *Facts) { f.Permits[0].RowsUsed = 5 }},
	{"the permit's uses are used up", "permit", func(_ *Question, f *Facts) { f.Permits[0].UsesMade = 2 }},
	{"the volume is not stated", "permit volume", func(q *Question, _ *Facts) { q.Context.Rows = 0 }},
	{"the system does not fulfil what the permit asks for", "permit", func(_ *Question, f *Facts) {
		f.Permits[0].Obligations = []Obligation{{Name: Watermark}}
	}},
}

// closeOutFaults are faults of a permit that lets things be returned after the end.
var closeOutFaults = []fault{
	{"no permit is stated", "running", func(q *Question, _ *Facts) { q.Context.Permit = "" }},
	{"there is no permit", "running", func(_ *Question, f *Facts) { f.Permits = nil }},
	{"the permit is not for that", "running", func(_ *Question, f *Facts) { f.Permits[0].CloseOut = false }},
	{"the action is none of closing", "running scope notified right", func(q *Question, f *Facts) {
		q.Action, f.Permits[0].Actions = "view", []string{All}
	}},
	{"the permit is another person's", "running", func(_ *Question, f *Facts) { f.Permits[0].Person = "person" }},
	{"the permit is for another contract", "running", func(_ *Question, f *Facts) { f.Permits[0].Contract = "other" }},
	{"the permit is for another asset", "running", func(_ *Question, f *Facts) { f.Permits[0].Assets = []string{"other"} }},
	{"the permit is for another action", "running", func(_ *Question, f *Facts) { f.Permits[0].Actions = []string{"dispose"} }},
	{"the permit is for another purpose", "running", func(_ *Question, f *Facts) { f.Permits[0].Purposes = []string{"K"} }},
	{"the permit is not granted", "running", func(_ *Question, f *Facts) { f.Permits[0].State = PermitPending }},
	{"the person approved the permit", "running", func(_ *Question, f *Facts) { f.Permits[0].Approver = "person" }},
	{"the permit comes later", "running", func(_ *Question, f *Facts) { f.Permits[0].Term.From = later }},
	{"the permit is over", "running", func(_ *Question, f *Facts) { f.Permits[0].Term = past }},
	{"the system does not fulfil what the permit asks for", "running", func(_ *Question, f *Facts) {
		f.Permits[0].Obligations = []Obligation{{Name: Watermark}}
	}},
	{"the action needs a permit, which is used up", "permit", func(_ *Question, f *Facts) {
		f.Parameters.Classes[0].Permits, f.Permits[0].RowsUsed = []string{"return"}, 9
	}},
	{"the contract is suspended, too", "registered", func(_ *Question, f *Facts) { f.Contract.State = ContractSuspended }},
}

// emergencyFaults are faults of an emergency; without one, what it lifts fails, too.
var emergencyFaults = []fault{
	{"no reason is stated", claimFails, func(q *Question, _ *Facts) { q.Context.Reason = "\u3000" }},
	{"emergencies are off", claimFails, func(_ *Question, f *Facts) { f.Parameters.Emergency.Enabled = false }},
	{"the person was not named beforehand", claimFails, func(_ *Question, f *Facts) { f.Contract.EmergencyStaff = []string{"other"} }},
	{"the claim is over", claimFails, func(_ *Question, f *Facts) { f.Contract.Emergencies = []Emergency{{Person: "person", Since: ago}} }},
	{"another's claim was not reviewed", claimFails, func(_ *Question, f *Facts) {
		f.Contract.Emergencies = []Emergency{{Person: "other", Since: ago}}
	}},
	{"another's claim goes on", "", func(_ *Question, f *Facts) { f.Contract.Emergencies = []Emergency{{Person: "other", Since: asked}} }},
	{"earlier claims were reviewed", "", func(_ *Question, f *Facts) {
		f.Contract.Emergencies = []Emergency{{Person: "other", Since: ago, Reviewed: asked}, {Person: "person", Since: ago, Reviewed: asked}}
	}},
	{"the emergency lasts no time", claimFails, func(_ *Question, f *Facts) { f.Parameters.Emergency.Duration = 0 }},
	{"the action is more than viewing", claimFails + " scope notified right deed", func(q *Question, _ *Facts) { q.Action = "print" }},
	{"the system does not fulfil what the emergency asks for", "protected", func(_ *Question, f *Facts) {
		f.System.Obligations = []ObligationName{LogFull, MaxRows, Mask}
	}},
	{"the emergency is none by the city's rule", "directory reference workplace hours", func(_ *Question, f *Facts) {
		f.Parameters.Emergency.Purposes = []string{"E.DISAST"}
	}},
	{"another contract names the person", "registered running entrusted chain scope reviewed agreed " + claimFails, func(_ *Question, f *Facts) {
		f.Contract.ID = "other"
	}},
}

// claimFails are the conditions that fail when no emergency can be claimed.
const claimFails = "emergency directory reference workplace hours"
