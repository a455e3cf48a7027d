// Package meibo is the words of the roster and the rules between them.
//
// Its types are plain values and its rules pure functions: nothing here reads a
// clock, a database or a network. One English word stands for one Japanese term
// on every floor of the house:
//
//	特定個人情報   specific personal information; meibo holds none of it
//	市 (委託元)    City: the Organization that entrusts the work
//	受託者         Contractor; the one that contracts with the city is the prime
//	委託契約       Contract
//	再委託         Subcontract: one hop that the city consented to
//	従事者         Person
//	従事           Assignment: a Person on a Contract
//	アクセス権限   Right: asset × action × purpose with a period
//	情報資産       Asset, with an Importance (重要性 1–4, or not classified)
//	利用目的       Purpose, a leaf or node of the purpose tree
//	従事者変更届   Change; what a contractor submits, made of Lines
//	誓約書         Pledge
//	従事者名簿     Roster: a numbered, frozen version; a line in it is a Member
//	通知           Notice
//	受領確認       Acknowledgement; 差戻し is a returned one
//	台帳           Ledger; the Book is one contract's part of it
//	監査記録       Entry of the ledger's log
//	照会           Question; its answer is a Decision
//
// The flow of a change: a contractor submits Lines; Book.Submit says all
// problems at once or returns an Outcome, which is everything one transaction
// writes: rows, roster version, notices owed and the Entry. The rule between
// revocation and grant is written once, in Right.Opened: a revocation takes
// effect when it is recorded; a right takes effect only when a roster version
// that contains it was notified to the city (S2-6-1-b).
package meibo
