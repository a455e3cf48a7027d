package ledger

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/meibo-dev/meibo/authz"
	"github.com/meibo-dev/meibo/internal/meibo"
)

// The verbs that the ledger asks authz about.
const (
	verbSubmit          = "change.submit"
	verbWithdraw        = "change.withdraw"
	verbApprove         = "change.approve"
	verbReject          = "change.reject"
	verbReadChange      = "change.read"
	verbReadRoster      = "roster.read"
	verbAcknowledge     = "roster.acknowledge"
	verbReturn          = "roster.return"
	verbRequestPledge   = "pledge.request"
	verbSignPledge      = "pledge.sign"
	verbRecordPledge    = "pledge.record"
	verbVerifyPledge    = "pledge.verify"
	verbReadPledge      = "pledge.read"
	verbReadNotice      = "notice.read"
	verbRetryNotice     = "notice.retry"
	verbReportNotice    = "notice.report"
	verbApplyMaster     = "master.apply"
	verbConsent         = "master.consent"
	verbReadMaster      = "master.read"
	verbSyncDirectory   = "directory.sync"
	verbReadDirectory   = "directory.read"
	verbCreateKey       = "key.create"
	verbRevokeKey       = "key.revoke"
	verbReadKey         = "key.read"
	verbReadLog         = "log.read"
	verbCheckAccess     = "access.check"
	verbOpenHold        = "hold.open"
	verbLiftHold        = "hold.lift"
	verbReadHold        = "hold.read"
	verbProposeDisposal = "disposal.propose"
	verbApproveDisposal = "disposal.approve"
	verbReadDisposal    = "disposal.read"
	verbRecordTraining  = "training.record"
	verbReadTraining    = "training.read"
	verbReadAnyTraining = "training.read_any"
	verbReadEmergency   = "emergency.read"
	verbExplain         = "access.explain"
	verbReviewEmergency = "emergency.review"
	verbReadDecision    = "decision.read"
	verbSimulate        = "decision.simulate"
	verbsOfTheFirstKey  = meibo.RoleOperator
)

// checkVerbs compares the constants with the rule, so that a verb that no role
// knows is found when the program starts.
func checkVerbs(roles *authz.Roles) error {
	asked := []string{
		verbSubmit, verbWithdraw, verbApprove, verbReject, verbReadChange, verbReadRoster, verbAcknowledge, verbReturn,
		verbRequestPledge, verbSignPledge, verbRecordPledge, verbVerifyPledge, verbReadPledge, verbReadNotice,
		verbRetryNotice, verbReportNotice, verbApplyMaster, verbConsent, verbReadMaster, verbSyncDirectory,
		verbReadDirectory, verbCreateKey, verbRevokeKey, verbReadKey, verbReadLog, verbCheckAccess, verbReadDecision,
		verbOpenHold, verbLiftHold, verbReadHold, verbRecordTraining, verbReadTraining, verbReadAnyTraining, verbReadEmergency, verbReviewEmergency, verbExplain,
		verbProposeDisposal, verbApproveDisposal, verbReadDisposal, verbSettleHold, verbConfirmUnit, verbSimulate,
	}
	slices.Sort(asked)
	if known := roles.Verbs(); !slices.Equal(known, asked) {
		return fmt.Errorf("the table of roles knows the verbs %v, the ledger asks for %v", known, asked)
	}
	return nil
}

// may asks whether the caller may do what the verb says to a contract, or to all
// of them (meibo.AnyContract). The refusal is ErrForbidden.
func (l *Ledger) may(c meibo.Caller, contract meibo.ContractID, verb string) error {
	grants := make([]authz.Grant, len(c.Grants))
	for i, g := range c.Grants {
		grants[i] = authz.Grant{
			Client: string(g.ClientID), Role: string(g.Role), Organization: string(g.OrganizationID), Contract: string(g.ContractID),
		}
	}
	ok, err := l.roles.Allows(grants, string(c.Client.ID), string(c.Client.OrganizationID), string(contract), verb)
	if err != nil {
		return fmt.Errorf("decide on %s: %w", verb, err)
	}
	if !ok {
		return meibo.Refuse(meibo.ErrForbidden, "ROLE_MISSING")
	}
	return nil
}

// mayAnywhere asks whether the caller may do what the verb says to some contract.
func (l *Ledger) mayAnywhere(c meibo.Caller, verb string) error {
	err := l.may(c, meibo.AnyContract, verb)
	for _, g := range c.Grants {
		if err == nil || g.ContractID == meibo.AnyContract {
			continue
		}
		err = l.may(c, g.ContractID, verb)
	}
	return err
}

// ErrUnauthenticated says that an API key does not tell who is calling. It says
// no more than that.
var ErrUnauthenticated = errors.New("unauthenticated")

func splitToken(token string) (id meibo.KeyID, secret string, ok bool) {
	parts := strings.SplitN(token, "_", 3)
	if len(parts) != 3 || parts[0] != "mb" || !meibo.ValidID(parts[1]) || len(parts[2]) != 43 {
		return "", "", false
	}
	return meibo.KeyID(parts[1]), parts[2], true
}

// newToken makes an API key with 256 random bits.
func (l *Ledger) newToken(client meibo.ClientID, now meibo.Instant, days int) (meibo.Key, string) {
	var id [8]byte
	var secret [32]byte
	rand.Read(id[:])
	rand.Read(secret[:])
	key := meibo.Key{ID: meibo.KeyID(hex.EncodeToString(id[:])), ClientID: client, CreatedAt: now, ExpiresAt: now.Add(time.Duration(days) * 24 * time.Hour)}
	text := base64.RawURLEncoding.EncodeToString(secret[:])
	key.Hash = l.secrets.hash("key", string(key.ID), text)
	return key, fmt.Sprintf("mb_%s_%s", key.ID, text)
}
