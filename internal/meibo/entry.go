package meibo

// An Entry (監査記録) is one record of the ledger's log: who did what to which
// ids, and a commitment to every row that the transaction wrote. It holds ids and
// salted hashes, never a name: a Merkle log cannot forget.
type Entry struct {
	Seq      int64         `json:"seq"`
	At       Instant       `json:"at"`
	Client   ClientID      `json:"client"`
	Key      KeyID         `json:"key,omitempty"`
	Act      Act           `json:"act"`
	Contract ContractID    `json:"contract,omitempty"`
	Subjects []string      `json:"subjects,omitempty"`
	Note     string        `json:"note,omitempty"` // a code, never free text
	Revision int64         `json:"rev"`
	Epoch    string        `json:"epoch,omitempty"` // of the history that the entry begins
	Rows     []RowEvidence `json:"rows"`
}

// RowEvidence commits to the image of one written row.
type RowEvidence struct {
	Table string `json:"table"`
	Key   string `json:"key"`
	Hash  string `json:"hash"` // hex SHA-256 of salt and canonical image
}

// Act is what an Entry says was done.
type Act string

const (
	ActInit          Act = "init"
	ActAcceptEpoch   Act = "epoch.accept"
	ActApply         Act = "master.apply"
	ActCreateKey     Act = "key.create"
	ActRevokeKey     Act = "key.revoke"
	ActSubmit        Act = "change.submit"
	ActApprove       Act = "change.approve"
	ActReject        Act = "change.reject"
	ActWithdraw      Act = "change.withdraw"
	ActRequestPledge Act = "pledge.request"
	ActSignPledge    Act = "pledge.sign"
	// ActRegisterPasskey is that a person was tied to a key of his own.
	ActRegisterPasskey Act = "passkey.register"
	ActRevokePasskey   Act = "passkey.revoke"
	ActGiveForm        Act = "pledge.form"
	ActRecordPledge    Act = "pledge.record"
	ActVerifyPledge    Act = "pledge.verify"
	ActRejectPledge    Act = "pledge.reject"
	ActSealPledge      Act = "pledge.seal"
	ActSealRoster      Act = "roster.seal"
	ActAcknowledge     Act = "roster.acknowledge"
	ActReturn          Act = "roster.return"
	ActSendNotice      Act = "notice.send"
	ActSettleNotice    Act = "notice.settle"
	ActRetryNotice     Act = "notice.retry"
	ActRemind          Act = "pledge.remind"
	ActEscalate        Act = "notice.escalate"
	ActReconcile       Act = "directory.reconcile"
	ActSettleHold      Act = "directory.settle"
	ActConfirmUnit     Act = "directory.confirm"
	ActTellDirectory   Act = "directory.tell"
	ActSealDecisions   Act = "decisions.seal"
	// ActDestroyDecisions is the end of records whose time is over.
	ActDestroyDecisions Act = "decisions.destroy"
	// ActRotateDataKey is that names and documents are sealed under another key.
	ActRotateDataKey   Act = "data_key.rotate"
	ActCountUse        Act = "permit.use"
	ActOpenHold        Act = "hold.open"
	ActLiftHold        Act = "hold.lift"
	ActProposeDisposal Act = "disposal.propose"
	ActRejectDisposal  Act = "disposal.reject"
	// ActDispose destroys the pledges of which it writes what stays.
	ActDispose Act = "disposal.approve"
	ActTrain   Act = "training.record"
	ActReview  Act = "emergency.review"
)
