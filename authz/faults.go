package authz

import "time"

// The faults below spoil the exemplar in which a subcontractor's person asks, unless they say otherwise. Together they
// touch every part of every matcher: a rule without one of them does not pass.

// questionFaults are questions about something else than the facts.
var questionFaults = []fault{
	{"another system asks", "caller", func(q *Question, _ *Facts) { q.System = "other" }},
	{"the question is about another person", "account owner principal member notified pledge trained right", func(q *Question, _ *Facts) { q.Person = "other" }},
	{"the question is about another contract", "caller registered running entrusted chain scope member notified reviewed pledge trained right agreed hours", func(q *Question, _ *Facts) {
		q.Contract = "other"
	}},
	{"the question is about another asset", "caller entrusted scope notified asset right intended", func(q *Question, _ *Facts) {
		q.Asset = "other"
	}},
	{"the question is about another action", "scope notified right deed", func(q *Question, _ *Facts) { q.Action = "other" }},
	{"no purpose is stated", "caller scope notified right purpose agreed intended deed emergency", func(q *Question, _ *Facts) { q.Purpose = "" }},
	{"another purpose is stated", "caller scope notified right purpose agreed intended deed emergency", func(q *Question, _ *Facts) { q.Purpose = "U.TAX.CALC" }},
	{"the question is about the time before", "registered chain scope account owner incident present member notified pledge trained right purpose hours", func(q *Question, _ *Facts) {
		q.At = asked.Add(-time.Microsecond)
	}},
}

// callerFaults are faults of the calling system.
var callerFaults = []fault{
	{"the system is not registered", "caller", func(_ *Question, f *Facts) { f.System = nil }},
	{"the system has no scope", "caller", func(_ *Question, f *Facts) { f.System.Scopes = nil }},
	{"the system's scope is another contract", "caller", func(_ *Question, f *Facts) { f.System.Scopes[0].Contract = "other" }},
	{"the system's scope is another asset", "caller", func(_ *Question, f *Facts) { f.System.Scopes[0].Asset = "other" }},
	{"the system's scope is another purpose", "caller", func(_ *Question, f *Facts) { f.System.Scopes[0].Purpose = "K" }},
}

// contractFaults are faults of the contract.
var contractFaults = []fault{
	{"the contract is not known", "registered running entrusted chain scope reviewed trained agreed hours", func(_ *Question, f *Facts) {
		f.Contract, f.Trainings = nil, nil
	}},
	{"the contract known is another", "registered running entrusted chain scope reviewed agreed hours", func(_ *Question, f *Facts) {
		f.Contract.ID = "other"
	}},
	{"another contract, which prohibits the purpose, is known", "registered running entrusted chain scope reviewed agreed hours", func(_ *Question, f *Facts) {
		f.Contract.ID, f.Contract.Prohibited, f.Contract.Provisos[0].Rows = "other", []string{"U", "U.TAX.INPUT.NIGHT"}, 1
	}},
	{"the contract is suspended", "registered", func(_ *Question, f *Facts) { f.Contract.State = ContractSuspended }},
	{"the contract's registration is not complete", "registered", func(_ *Question, f *Facts) { f.Contract.Complete = false }},
	{"the contract has not begun", "registered", func(_ *Question, f *Facts) { f.Contract.Term.From = later }},
	{"the contract has no beginning", "registered", func(_ *Question, f *Facts) { f.Contract.Term.From = time.Time{} }},
	{"the contract has ended", "running", func(_ *Question, f *Facts) { f.Contract.Term.Until = asked }},
	{"the contract is terminated", "running", func(_ *Question, f *Facts) { f.Contract.Terminated = asked }},
	{"the contract covers another asset", "entrusted", func(_ *Question, f *Facts) { f.Contract.Assets = []string{"other"} }},
	{"the contract is for another purpose", "agreed", func(_ *Question, f *Facts) { f.Contract.Purposes = []string{"U.NHI"} }},
	{"the contract prohibits the purpose", "permitted", func(_ *Question, f *Facts) { f.Contract.Prohibited = []string{"U.TAX.INPUT"} }},
	{"the contract prohibits a purpose above", "permitted", func(_ *Question, f *Facts) { f.Contract.Prohibited = []string{"U.TAX"} }},
	{"the contract prohibits a part of the purpose", "permitted", func(_ *Question, f *Facts) {
		f.Contract.Prohibited = []string{"U.TAX.INPUT.NIGHT"}
	}},
	{"the contract's roster was not confirmed in time", "reviewed", func(_ *Question, f *Facts) { f.Contract.ReviewDue = asked }},
	{"a condition of the contract is not met", "provided", func(_ *Question, f *Facts) { f.Contract.Provisos[0].Rows = 1 }},
	{"a condition of the contract on every purpose is not met", "provided", func(_ *Question, f *Facts) {
		f.Contract.Provisos = append(f.Contract.Provisos, Proviso{Rows: 1})
	}},
	{"the city prohibits a purpose above everywhere", "permitted", func(_ *Question, f *Facts) { f.Prohibited = []string{"U"} }},
}

// chainFaults are faults of the chain of subcontractors.
var chainFaults = []fault{
	{"the subcontractor is not registered", "chain scope", func(_ *Question, f *Facts) { f.Hops = nil }},
	{"the subcontractor registered is another", "chain scope", func(_ *Question, f *Facts) { f.Hops[0].Organization = "other" }},
	{"the person works for another", "chain scope pledge employer", func(_ *Question, f *Facts) { f.Assignment.Employer = "other" }},
	{"the city has not consented", "chain scope", func(_ *Question, f *Facts) { f.Hops[0].Consents = nil }},
	{"the consent has not begun", "chain scope", func(_ *Question, f *Facts) { f.Hops[0].Consents[0].Term.From = later }},
	{"the consent has ended", "chain scope", func(_ *Question, f *Facts) {
		f.Hops[0].Consents[0].Term = Term{From: asked.Add(-time.Hour), Until: asked}
	}},
	{"the consent is revoked", "chain scope", func(_ *Question, f *Facts) {
		f.Hops[0].Consents[0].Term.From, f.Hops[0].Consents[0].Revoked = asked.Add(-time.Hour), asked
	}},
	{"the consent does not reach so deep", "chain scope", func(_ *Question, f *Facts) { f.Hops[0].Consents[0].Depth = 0 }},
	{"the conditions are not handed down", "chain scope", func(_ *Question, f *Facts) { f.Hops[0].Consents[0].FlowDown = false }},
	{"the subcontractor has not started", "chain scope", func(_ *Question, f *Facts) { f.Hops[0].Consents[0].Started = false }},
	{"the consent is to another asset", "scope", func(_ *Question, f *Facts) { f.Hops[0].Consents[0].Assets = []string{"other"} }},
	{"the consent is to another action", "scope", func(_ *Question, f *Facts) { f.Hops[0].Consents[0].Actions = []string{"print"} }},
	{"the consent is to another purpose", "scope", func(_ *Question, f *Facts) { f.Hops[0].Consents[0].Purposes = []string{"U.NHI"} }},
	{"the subcontractor works under another", "chain scope", func(_ *Question, f *Facts) { f.Hops[0].Under = "other" }},
	{"a hop between has no consent", "chain scope", func(_ *Question, f *Facts) {
		f.Hops[0].Under = "between"
		f.Hops = append(f.Hops, Hop{Organization: "between", Under: "prime"})
	}},
	{"the consent names nothing", "scope", func(_ *Question, f *Facts) { f.Hops[0].Consents[0].Assets = nil }},
}

// primeFaults are faults where the prime contractor's person asks.
var primeFaults = []fault{
	{"the prime contractor is another", "chain scope", func(_ *Question, f *Facts) { f.Contract.Prime = "other" }},
	{"the contract has no prime contractor", "chain scope", func(_ *Question, f *Facts) { f.Contract.Prime = "" }},
	{"the contract known is another", "registered running entrusted chain scope reviewed trained agreed hours", func(_ *Question, f *Facts) {
		f.Contract.ID = "other"
	}},
	{"the contract is suspended", "registered", func(_ *Question, f *Facts) { f.Contract.State = ContractSuspended }},
	{"the contract has ended", "running", func(_ *Question, f *Facts) { f.Contract.Term.Until = asked }},
	{"the roster was not confirmed in time", "reviewed", func(_ *Question, f *Facts) { f.Contract.ReviewDue = asked }},
	{"the contract asks for training", "trained", func(_ *Question, f *Facts) { f.Contract.TrainingRequired = true }},
	{"the action needs a permit", "permit notified right", func(q *Question, _ *Facts) { q.Action = "carry_out" }},
	{"the purpose asks for a case reference", "reference", func(_ *Question, f *Facts) { f.Purpose.CaseRef = true }},
	{"the directory was never read", "directory", func(_ *Question, f *Facts) { f.Directory = &Directory{} }},
	{"the purpose is one of emergency", "emergency agreed caller notified right", func(q *Question, f *Facts) {
		q.Purpose, f.Purpose.Code = "E.LIFE", "E.LIFE"
	}},
}
