// Package authz decides whether a person may touch the information now, for this purpose, and why not.
//
// The rule itself is not in Go. It stands in two embedded files that an auditor can read: model.conf, a Casbin model in
// which every condition is a named matcher, and checklist.csv, which says of each condition to which part of the rule it
// belongs, whether its row must be present or absent, and which clauses of the city's document are behind it. The flow of
// one question:
//
//	Question, Facts
//	   │  who answers for whom, which limits apply
//	   ▼
//	the matchers of model.conf, each compiled once into a search ──► what became of each condition
//	                                                                      │
//	                     verdict ◄── Casbin, once ◄── parts of the rule ◄─┤
//	                                                                      └──► diagnosis ──► codes, clauses, message
//
// What holds of it:
//
//   - [Load] reads the rule, refuses files that Casbin would silently read as less than they say, and proves by
//     questions with one fault each that every condition is in force. [Parse] does the same for a stricter rule.
//   - [Policy.Decide] is a pure function of a [Question] and the [Facts] about it. It holds no roster and reads no
//     clock: whoever calls it collects the facts in one snapshot and records the [Decision].
//   - [Policy.DecideByReference] is the same function evaluated by stock Casbin alone, over rows of text. Both engines
//     are proved on the same questions before either answers.
//   - Every condition is evaluated, always, so that a denial names all that stands in the way, each fault once, and the
//     gravest first. [Codes] lists what it can say, and [Policy.Explain] shows the rows of facts behind each condition.
//   - Whatever is unknown, missing, malformed or contradictory is a denial. So is an error. What the calling system says
//     of the circumstances, the [Context], never grants: where it is asked for and missing, it denies.
//
// [Snapshot] holds the facts of everybody, for a service that answers many questions: it never changes, a change makes the
// next one in microseconds, and [Policy.DecideIn] answers from it as [Policy.Decide] does from facts. [Policy.People],
// [Policy.Assets] and [Policy.Actions] search it.
//
// [Roles] is a second, separate rule: which client of the service itself may do what. It does not open any information.
package authz
