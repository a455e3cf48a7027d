package rpc_test

import (
	"context"
	"slices"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// strangers says what another tenant gets that asks for the first one's things.
// A method that is not here fails the test.
var strangers = map[string]codes.Code{
	"meibo.v1.AccessService/CheckAccess":           codes.PermissionDenied,
	"meibo.v1.AccessService/BatchCheckAccess":      codes.PermissionDenied,
	"meibo.v1.AccessService/ListAccess":            codes.PermissionDenied,
	"meibo.v1.AccessService/ExplainAccess":         codes.PermissionDenied,
	"meibo.v1.AccessService/ListCodes":             codes.OK,              // speaks of nobody
	"meibo.v1.ChangeService/SubmitChange":          codes.InvalidArgument, // CONTRACT_UNKNOWN
	"meibo.v1.ChangeService/PreviewChange":         codes.OK,              // CONTRACT_UNKNOWN as a problem
	"meibo.v1.ChangeService/ReadChangeFile":        codes.OK,              // what the caller sent
	"meibo.v1.ChangeService/ListChanges":           codes.NotFound,
	"meibo.v1.ChangeService/GetChange":             codes.NotFound,
	"meibo.v1.ChangeService/DraftRenewal":          codes.NotFound,
	"meibo.v1.ChangeService/ApproveChange":         codes.NotFound,
	"meibo.v1.ChangeService/RejectChange":          codes.NotFound,
	"meibo.v1.ChangeService/WithdrawChange":        codes.NotFound,
	"meibo.v1.RosterService/ListRosters":           codes.NotFound,
	"meibo.v1.RosterService/GetRoster":             codes.NotFound,
	"meibo.v1.RosterService/GetRosterFile":         codes.NotFound,
	"meibo.v1.RosterService/AcknowledgeRoster":     codes.NotFound,
	"meibo.v1.RosterService/ReturnRoster":          codes.NotFound,
	"meibo.v1.PledgeService/RequestPledge":         codes.NotFound,
	"meibo.v1.PledgeService/ListPledges":           codes.NotFound,
	"meibo.v1.PledgeService/GetPledge":             codes.NotFound,
	"meibo.v1.PledgeService/GetPledgePaper":        codes.NotFound,
	"meibo.v1.PledgeService/GetPledgeFile":         codes.NotFound,
	"meibo.v1.PledgeService/SignPledge":            codes.FailedPrecondition, // NO_DIRECTORY, whatever is asked for
	"meibo.v1.PledgeService/RecordPledge":          codes.NotFound,
	"meibo.v1.PledgeService/GetPledgeForm":         codes.NotFound,
	"meibo.v1.PledgeService/VerifyPledge":          codes.NotFound,
	"meibo.v1.NoticeService/ListNotices":           codes.OK, // none
	"meibo.v1.NoticeService/RetryNotice":           codes.NotFound,
	"meibo.v1.NoticeService/HandOverNotice":        codes.NotFound,
	"meibo.v1.NoticeService/GetNotice":             codes.NotFound,
	"meibo.v1.NoticeService/GetNoticePackage":      codes.FailedPrecondition, // NO_SEAL, whatever is asked for
	"meibo.v1.NoticeService/ImportAnswer":          codes.FailedPrecondition, // NO_ANSWER_ROOTS, whatever is asked for
	"meibo.v1.NoticeService/BounceNotice":          codes.NotFound,
	"meibo.v1.MasterService/GetMaster":             codes.PermissionDenied,
	"meibo.v1.MasterService/PlanMaster":            codes.PermissionDenied,
	"meibo.v1.MasterService/ApplyMaster":           codes.PermissionDenied,
	"meibo.v1.DirectoryService/SyncDirectory":      codes.PermissionDenied,
	"meibo.v1.DirectoryService/GetDirectoryStatus": codes.PermissionDenied,
	"meibo.v1.KeyService/CreateKey":                codes.PermissionDenied,
	"meibo.v1.KeyService/RevokeKey":                codes.PermissionDenied,
	"meibo.v1.KeyService/ListClients":              codes.PermissionDenied,
	"meibo.v1.HoldService/OpenHold":                codes.InvalidArgument, // REFERENCE_UNKNOWN
	"meibo.v1.HoldService/LiftHold":                codes.PermissionDenied,
	"meibo.v1.HoldService/ListHolds":               codes.OK, // none
	"meibo.v1.PledgeService/PreviewPledges":        codes.NotFound,
	"meibo.v1.PasskeyService/BeginPasskey":         codes.FailedPrecondition, // PASSKEYS_OFF, whatever is asked for
	"meibo.v1.PasskeyService/RegisterPasskey":      codes.FailedPrecondition,
	"meibo.v1.PasskeyService/BeginSigning":         codes.FailedPrecondition,
	"meibo.v1.PasskeyService/ListPasskeys":         codes.NotFound,
	"meibo.v1.PasskeyService/RevokePasskey":        codes.NotFound,
	"meibo.v1.DisposalService/ProposeDisposal":     codes.NotFound,
	"meibo.v1.DisposalService/ListDisposals":       codes.NotFound,
	"meibo.v1.DisposalService/DecideDisposal":      codes.PermissionDenied,
	"meibo.v1.TrainingService/RecordTrainings":     codes.InvalidArgument, // PERSON_UNKNOWN
	"meibo.v1.TrainingService/ListTrainings":       codes.NotFound,
	"meibo.v1.EmergencyService/ListEmergencies":    codes.InvalidArgument, // REFERENCE_UNKNOWN
	"meibo.v1.EmergencyService/ReviewEmergency":    codes.PermissionDenied,
	"meibo.v1.LogService/GetCheckpoint":            codes.OK, // speaks of nobody
	"meibo.v1.LogService/GetConsistency":           codes.OK, // speaks of nobody
	"meibo.v1.LogService/VerifyFile":               codes.OK, // of what the caller sent
	"meibo.v1.LogService/ListEntries":              codes.PermissionDenied,
	"meibo.v1.LogService/GetRequest":               codes.NotFound,

	"meibo.v1.DirectoryService/PlanDirectory":       codes.PermissionDenied,
	"meibo.v1.DirectoryService/ListDirectoryHolds":  codes.PermissionDenied,
	"meibo.v1.DirectoryService/SettleDirectoryHold": codes.PermissionDenied,
	"meibo.v1.DirectoryService/ListDirectoryPeople": codes.PermissionDenied,
	"meibo.v1.DirectoryService/ListOrphans":         codes.PermissionDenied,
	"meibo.v1.DirectoryService/ConfirmUnit":         codes.NotFound,

	"meibo.v1.AccessService/SearchSubjects":    codes.PermissionDenied,
	"meibo.v1.AccessService/SearchResources":   codes.PermissionDenied,
	"meibo.v1.AccessService/SearchActions":     codes.PermissionDenied,
	"meibo.v1.DecisionService/ListDecisions":   codes.OK, // none
	"meibo.v1.DecisionService/GetDecision":     codes.NotFound,
	"meibo.v1.DecisionService/ReportDecisions": codes.OK,              // nothing
	"meibo.v1.DecisionService/SimulateChange":  codes.InvalidArgument, // CONTRACT_UNKNOWN
}

func anotherTenant(t *testing.T, h *house) {
	samples := h.samples(h.estate(t))
	before, err := h.Ledger.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, method := range h.methods() {
		want, known := strangers[method]
		s, sampled := samples[method]
		if !known || !sampled {
			t.Errorf("%s has no entry: say what another tenant gets", method)
			continue
		}
		answer, err := h.call(t.Context(), "k2-all", method, s.request)
		if got := status.Code(err); got != want {
			t.Errorf("%s: %v, want %s", method, err, want)
		}
		switch a := answer.(type) {
		case *pb.PreviewChangeResponse:
			if len(a.Contracts) != 0 || !slices.ContainsFunc(a.Problems, func(p *pb.Problem) bool { return p.Code == "CONTRACT_UNKNOWN" }) {
				t.Errorf("%s: %v", method, a)
			}
		case *pb.ListDecisionsResponse:
			if len(a.Decisions) != 0 {
				t.Errorf("%s: %v", method, a)
			}
		case *pb.ReportDecisionsResponse:
			if len(a.Counts)+len(a.LookBack) != 0 {
				t.Errorf("%s: %v", method, a)
			}
		case *pb.ListNoticesResponse:
			if len(a.Notices) != 0 {
				t.Errorf("%s: %v", method, a)
			}
		}
		over := route(t, method, s.request)
		over.client = "k2-all"
		if got := h.do(t, over); (got.status == 200) != (want == codes.OK) {
			t.Errorf("%s %s: %d %s", over.verb, over.path, got.status, got.body)
		}
	}
	if after, err := h.Ledger.Head(t.Context()); err != nil || after.Size != before.Size {
		t.Errorf("the log grew from %d to %d, %v", before.Size, after.Size, err)
	}
}

// firstTenant shows that the samples are what the first tenant may ask: what
// others are refused is there.
func firstTenant(t *testing.T, h *house) {
	samples := h.samples(h.estate(t))
	for _, method := range []string{
		"AccessService/CheckAccess", "AccessService/BatchCheckAccess", "AccessService/SearchSubjects", "AccessService/SearchResources", "AccessService/SearchActions", "DecisionService/ListDecisions", "DecisionService/GetDecision", "DecisionService/ReportDecisions", "DecisionService/SimulateChange", "ChangeService/ListChanges", "ChangeService/GetChange", "ChangeService/PreviewChange", "RosterService/ListRosters",
		"RosterService/GetRoster", "RosterService/GetRosterFile", "PledgeService/ListPledges", "PledgeService/GetPledge", "PledgeService/PreviewPledges", "NoticeService/ListNotices", "MasterService/GetMaster",
		"DirectoryService/GetDirectoryStatus", "KeyService/ListClients", "LogService/ListEntries", "LogService/GetRequest",
		"HoldService/ListHolds", "PasskeyService/ListPasskeys", "DisposalService/ListDisposals", "TrainingService/RecordTrainings", "TrainingService/ListTrainings", "EmergencyService/ListEmergencies", "HoldService/OpenHold",
		"RosterService/AcknowledgeRoster", "PledgeService/RecordPledge", "PledgeService/VerifyPledge", "ChangeService/ApproveChange",
	} {
		method = "meibo.v1." + method
		if _, err := h.call(t.Context(), samples[method].client, method, samples[method].request); err != nil {
			t.Errorf("%s: %v", method, err)
		}
	}
	q := samples["meibo.v1.AccessService/CheckAccess"].request.(*pb.CheckAccessRequest)
	q.Contract = "C02" // for which the system is not registered
	answer, err := h.call(t.Context(), "tax-input", "meibo.v1.AccessService/CheckAccess", q)
	if d, ok := answer.(*pb.CheckAccessResponse); !ok || err != nil || d.Allowed || d.PrimaryCode != "CALLER_NOT_ENTITLED" {
		t.Errorf("another contract: %v, %v", answer, err)
	}
}

func TestAnotherTenantDoesNotSign(t *testing.T) {
	t.Parallel()
	people := &ledger.Directory{
		Find: func(_ context.Context, _, login string) ([]meibo.Account, error) {
			return []meibo.Account{{Entry: "entryUUID:" + login, State: meibo.AccountEnabled}}, nil
		},
		Authenticate: func(_ context.Context, entry, _ string) error {
			t.Errorf("%s was asked for a password", entry)
			return meibo.ErrForbidden
		},
	}
	h := newHouse(t, meibotest.SQLite(t), house{directory: people})
	s := h.samples(h.estate(t))["meibo.v1.PledgeService/SignPledge"]
	if _, err := h.call(t.Context(), "k2-all", "meibo.v1.PledgeService/SignPledge", s.request); status.Code(err) != codes.NotFound {
		t.Errorf("got %v, want not found", err)
	}
}
