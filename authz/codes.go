package authz

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
)

// Code names one reason of a decision. Codes are stable: programs may compare them, and none changes its meaning.
type Code string

// The codes, in order of precedence. What they mean to people, and the clauses behind them, says [Info].
const (
	CodeRequestMalformed  Code = "REQUEST_MALFORMED"
	CodeCallerUnknown     Code = "CALLER_UNKNOWN"
	CodeCallerNotEntitled Code = "CALLER_NOT_ENTITLED"
	CodeZoneNotPermitted  Code = "ZONE_NOT_PERMITTED"
	CodeReplayDetected    Code = "REPLAY_DETECTED"

	CodeStoreUnavailable Code = "STORE_UNAVAILABLE"
	CodeAuditUnavailable Code = "AUDIT_UNAVAILABLE"
	CodeSyncStale        Code = "SYNC_STALE"
	CodeClockUntrusted   Code = "CLOCK_UNTRUSTED"

	CodeIncidentHold Code = "INCIDENT_HOLD"
	CodeLegalHold    Code = "LEGAL_HOLD"

	CodeContractUnknown    Code = "CONTRACT_UNKNOWN"
	CodeContractNotStarted Code = "CONTRACT_NOT_STARTED"
	CodeContractEnded      Code = "CONTRACT_ENDED"
	CodeContractTerminated Code = "CONTRACT_TERMINATED"
	CodeContractSuspended  Code = "CONTRACT_SUSPENDED"
	CodeContractIncomplete Code = "CONTRACT_INCOMPLETE"
	CodeAssetNotInContract Code = "ASSET_NOT_IN_CONTRACT"
	CodeCloseoutOnly       Code = "CLOSEOUT_ONLY"

	CodeSubcontractNotApproved   Code = "SUBCONTRACT_NOT_APPROVED"
	CodeSubcontractNotStarted    Code = "SUBCONTRACT_NOT_STARTED"
	CodeSubcontractExpired       Code = "SUBCONTRACT_EXPIRED"
	CodeSubcontractOutOfScope    Code = "SUBCONTRACT_OUT_OF_SCOPE"
	CodeSubcontractRevoked       Code = "SUBCONTRACT_REVOKED"
	CodeSubcontractDepthExceeded Code = "SUBCONTRACT_DEPTH_EXCEEDED"
	CodeFlowdownMissing          Code = "FLOWDOWN_MISSING"

	CodeSubjectUnknown            Code = "SUBJECT_UNKNOWN"
	CodeSubjectAmbiguous          Code = "SUBJECT_AMBIGUOUS"
	CodeSubjectDisabled           Code = "SUBJECT_DISABLED"
	CodeSubjectNotStarted         Code = "SUBJECT_NOT_STARTED"
	CodeSubjectDeparted           Code = "SUBJECT_DEPARTED"
	CodeSubjectTransferred        Code = "SUBJECT_TRANSFERRED"
	CodeSubjectOnLeave            Code = "SUBJECT_ON_LEAVE"
	CodeEmployerMismatch          Code = "EMPLOYER_MISMATCH"
	CodeAuthLevelLow              Code = "AUTH_LEVEL_LOW"
	CodeCredentialSharedSuspected Code = "CREDENTIAL_SHARED_SUSPECTED"
	CodeImpersonationNotAllowed   Code = "IMPERSONATION_NOT_ALLOWED"
	CodeServiceAccountNotBound    Code = "SERVICE_ACCOUNT_NOT_BOUND"
	CodeServiceAccountInteractive Code = "SERVICE_ACCOUNT_INTERACTIVE"

	CodeRosterNotListed       Code = "ROSTER_NOT_LISTED"
	CodeRosterDraft           Code = "ROSTER_DRAFT"
	CodeRosterNotNotified     Code = "ROSTER_NOT_NOTIFIED"
	CodeRosterNotAcknowledged Code = "ROSTER_NOT_ACKNOWLEDGED"
	CodeRosterReturned        Code = "ROSTER_RETURNED"
	CodeRosterNotYetEffective Code = "ROSTER_NOT_YET_EFFECTIVE"
	CodeRosterMemberEnded     Code = "ROSTER_MEMBER_ENDED"
	CodeRosterMemberSuspended Code = "ROSTER_MEMBER_SUSPENDED"
	CodeRosterReviewOverdue   Code = "ROSTER_REVIEW_OVERDUE"

	CodePledgeMissing                Code = "PLEDGE_MISSING"
	CodePledgeNotSigned              Code = "PLEDGE_NOT_SIGNED"
	CodePledgePendingVerification    Code = "PLEDGE_PENDING_VERIFICATION"
	CodePledgeRejected               Code = "PLEDGE_REJECTED"
	CodePledgeTemplateOutdated       Code = "PLEDGE_TEMPLATE_OUTDATED"
	CodePledgeScopeMismatch          Code = "PLEDGE_SCOPE_MISMATCH"
	CodePledgeExpired                Code = "PLEDGE_EXPIRED"
	CodePledgeSignatureInvalid       Code = "PLEDGE_SIGNATURE_INVALID"
	CodePledgeGuardianConsentMissing Code = "PLEDGE_GUARDIAN_CONSENT_MISSING"

	CodeTrainingMissing Code = "TRAINING_MISSING"
	CodeTrainingExpired Code = "TRAINING_EXPIRED"

	CodeAssetUnknown      Code = "ASSET_UNKNOWN"
	CodeAssetUnclassified Code = "ASSET_UNCLASSIFIED"
	CodeAssetDisposed     Code = "ASSET_DISPOSED"
	CodeAssetReturned     Code = "ASSET_RETURNED"
	CodeAssetLocked       Code = "ASSET_LOCKED"

	CodeRightMissing     Code = "RIGHT_MISSING"
	CodeActionNotGranted Code = "ACTION_NOT_GRANTED"
	CodeRightNotStarted  Code = "RIGHT_NOT_STARTED"
	CodeRightExpired     Code = "RIGHT_EXPIRED"
	CodeSoDConflict      Code = "SOD_CONFLICT"

	CodePurposeMissing        Code = "PURPOSE_MISSING"
	CodePurposeUnknown        Code = "PURPOSE_UNKNOWN"
	CodePurposeInactive       Code = "PURPOSE_INACTIVE"
	CodePurposeTooBroad       Code = "PURPOSE_TOO_BROAD"
	CodePurposeProhibited     Code = "PURPOSE_PROHIBITED"
	CodePurposeNotInContract  Code = "PURPOSE_NOT_IN_CONTRACT"
	CodePurposeNotForAsset    Code = "PURPOSE_NOT_FOR_ASSET"
	CodePurposeNotGranted     Code = "PURPOSE_NOT_GRANTED"
	CodePurposeActionMismatch Code = "PURPOSE_ACTION_MISMATCH"
	CodePurposeConditionUnmet Code = "PURPOSE_CONDITION_UNMET"
	CodeCaseRefRequired       Code = "CASE_REF_REQUIRED"
	CodeCaseRefInvalid        Code = "CASE_REF_INVALID"

	CodePermitRequired   Code = "PERMIT_REQUIRED"
	CodePermitNotStarted Code = "PERMIT_NOT_STARTED"
	CodePermitExpired    Code = "PERMIT_EXPIRED"
	CodePermitMismatch   Code = "PERMIT_MISMATCH"
	CodePermitExhausted  Code = "PERMIT_EXHAUSTED"
	CodePermitRevoked    Code = "PERMIT_REVOKED"
	CodeReturnOverdue    Code = "RETURN_OVERDUE"

	CodeWorkplaceNotPermitted Code = "WORKPLACE_NOT_PERMITTED"
	CodeDeviceNotPermitted    Code = "DEVICE_NOT_PERMITTED"
	CodeOutOfHours            Code = "OUT_OF_HOURS"
	CodeVolumeLimit           Code = "VOLUME_LIMIT"
	CodeObligationUnsupported Code = "OBLIGATION_UNSUPPORTED"

	CodeEmergencyNotEligible           Code = "EMERGENCY_NOT_ELIGIBLE"
	CodeEmergencyJustificationRequired Code = "EMERGENCY_JUSTIFICATION_REQUIRED"
	CodeEmergencyExpired               Code = "EMERGENCY_EXPIRED"

	CodeDefaultDeny Code = "DEFAULT_DENY"

	CodeAllow          Code = "ALLOW"
	CodeAllowEmergency Code = "ALLOW_EMERGENCY"

	CodeAdvicePledgeResignDue      Code = "ADV_PLEDGE_RESIGN_DUE"
	CodeAdviceContractEnding       Code = "ADV_CONTRACT_ENDING"
	CodeAdviceSubcontractEnding    Code = "ADV_SUBCONTRACT_ENDING"
	CodeAdviceRosterUnacknowledged Code = "ADV_ROSTER_UNACKED"
	CodeAdviceTrainingDue          Code = "ADV_TRAINING_DUE"
	CodeAdviceRightUnused          Code = "ADV_RIGHT_UNUSED"
	CodeAdviceSyncOld              Code = "ADV_SYNC_OLD"
)

// Kind says what a code does to a decision.
type Kind string

// The kinds of code.
const (
	KindDeny   Kind = "deny"   // stands in the way
	KindAllow  Kind = "allow"  // is the only code of an allowed decision
	KindAdvice Kind = "advice" // is said beside an allowed decision
)

// Disclosure says to whom a code may be shown.
type Disclosure string

// The classes of disclosure.
const (
	DisclosePerson   Disclosure = "P" // to the person who asked
	DiscloseOperator Disclosure = "O" // to operators only; the person learns no more than that access is denied
)

// CodeInfo is what the table of codes says of one code.
type CodeInfo struct {
	Code       Code
	Kind       Kind
	Group      string // the part of the rule that it belongs to, such as "contract" or "pledge"
	Disclosure Disclosure
	Clauses    []string // of the city's document, such as "S2-6-2"
	Message    string   // Japanese; {date}, {from}, {to} and {condition} are filled in a decision
}

//go:generate go test -run ^TestTheDocumentOfCodesIsTheTable$ -update .

//go:embed codes.csv
var codesFile []byte

// catalogue is the table of codes in order of precedence. It is written once, here, and only read afterwards.
var catalogue = readCodes(codesFile)

// Codes returns the table of codes in order of precedence: a decision carries its codes in this order.
func Codes() []CodeInfo {
	infos := slices.Clone(catalogue)
	for i := range infos {
		infos[i].Clauses = slices.Clone(infos[i].Clauses)
	}
	return infos
}

// Info returns what the table says of the code, and false when the code is not in it.
func Info(code Code) (CodeInfo, bool) {
	i := precedence(code)
	if i == len(catalogue) {
		return CodeInfo{}, false
	}
	info := catalogue[i]
	info.Clauses = slices.Clone(info.Clauses)
	return info, true
}

// precedence returns the place of the code in the table; an unknown code comes after all others.
func precedence(code Code) int {
	if i, known := places[code]; known {
		return i
	}
	return len(catalogue)
}

// places is where each code stands in the catalogue.
var places = func() map[Code]int {
	all := make(map[Code]int, len(catalogue))
	for i, info := range catalogue {
		all[info.Code] = i
	}
	return all
}()

// readCodes reads the embedded table. It panics when the table cannot be read: the program was built wrongly then.
func readCodes(file []byte) []CodeInfo {
	table := csv.NewReader(bytes.NewReader(file))
	table.Comment = '#'
	table.FieldsPerRecord = 6
	records, err := table.ReadAll()
	if err != nil {
		panic(fmt.Sprintf("authz: read codes.csv: %v", err))
	}
	var infos []CodeInfo
	for _, r := range records[1:] {
		infos = append(infos, CodeInfo{
			Code: Code(r[0]), Kind: Kind(r[1]), Group: r[2], Disclosure: Disclosure(r[3]),
			Clauses: strings.Fields(r[4]), Message: r[5],
		})
	}
	return infos
}
