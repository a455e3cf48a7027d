package rpc_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/meibo-dev/meibo/internal/demo"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// A sample is a request of the first tenant that its client may make.
type sample struct {
	client  string
	request proto.Message
}

// An estate is what belongs to the first tenant: one of each thing.
type estate struct {
	person                  meibo.PersonID
	waiting, pledge, notice string
	hash                    string
}

// estate makes one, once.
func (h *house) estate(t *testing.T) estate {
	t.Helper()
	if h.owned != nil {
		return *h.owned
	}
	var e estate
	defer func() { h.owned = &e }()
	e.person = h.Employed("e001")
	next, err := h.Ledger.Submit(t.Context(), h.Submitter, "known-key", []meibo.Line{meibotest.Line("e002")})
	if err != nil {
		t.Fatal(err)
	}
	e.waiting = string(next.Changes[0].ID)
	another := h.Submit(h.Submitter, meibotest.Line("e003"))
	h.Approve(h.Approver, another)
	e.pledge = string(h.OpenPledge(another.Rows[0].PersonID))
	notices, err := h.Ledger.Notices(t.Context(), h.Operator, "C01")
	if err != nil {
		t.Fatal(err)
	}
	e.notice = string(notices[0].ID)
	roster, err := h.Ledger.Roster(t.Context(), h.Submitter, "C01", 1)
	if err != nil {
		t.Fatal(err)
	}
	e.hash = roster.Roster.Hash
	return e
}

// samples are requests to every method that there is. Those that cannot name
// anything of a tenant's say so in the tests that use them.
func (h *house) samples(e estate) map[string]sample {
	line := &pb.Line{
		Operation: "remove", Contract: "C01", Person: string(e.person), Reason: "transfer",
	}
	add := &pb.Line{
		Operation: "add", Contract: "C01", Login: "e009", Name: "氏名", Kana: "シメイ", Adult: "yes", Employer: "K1", Employment: "regular",
		Asset: "A01", Action: "view", Purpose: "U.TAX.RES.ASSESS", From: "R8.10.1", Until: "2027-03-31", Task: "入力", Workplace: "本社",
		Latin: "Shimei", Alias: "通称", FormerName: "旧氏", Reason: "placement", Pledge: "request",
	}
	provisos := []*pb.Proviso{{Purpose: "U", CaseRef: true, AuthLevel: 1, Rows: 9, Zones: []string{"office"}, Workplaces: []string{"W1"}, Devices: []string{"D1"}, Obligations: []*pb.Obligation{{Name: "mask", Number: 1, Fields: []string{"name"}}}}}
	master := &pb.Master{
		Organizations:   []*pb.Organization{{Id: "K9", Kind: "contractor", Name: "会社", CorporateNumber: "3000020990019", Seat: "架空市中央1", DirectoryBase: "o=K9", NoticeTo: []string{"k9@example.com"}, DirectoryNames: []string{"9"}, MailDomains: []string{"example.com"}}},
		Assets:          []*pb.Asset{{Id: "A90", Name: "資産", Importance: 1, State: "active", Members: []string{"A01"}, Purposes: []string{"U"}, Prohibited: []string{"Z"}, Provisos: provisos}},
		Purposes:        []*pb.Purpose{{Code: "Q", Label: "目的", Law: "法", Starts: "2026-04-01", Ends: "2027-03-31", Actions: []string{"view"}, CaseRef: true, CaseForms: []string{"R9-9999"}}},
		Contracts:       []*pb.Contract{{Id: "C01", Name: "契約", Department: "課", Prime: "K1", Starts: "2026-04-01", Ends: "2027-03-31", State: "terminated", TerminatedAt: "2026-10-14T00:00:00Z", Responsible: "責任者", Supervisor: "監督者", CatalogAccepted: "2026-03-20", RenewalOf: "C02", Assets: []string{"A01"}, Purposes: []string{"U"}, Prohibited: []string{"Z"}, NoticeTo: []string{"x@example.com"}, NoticeWay: "webhook", NoticeUrl: "https://example.com/meibo", TrainingRequired: true, ReviewDue: "2026-12-01", Workplaces: []string{"W1"}, Devices: []string{"D1"}, Hours: []*pb.Window{{Days: []string{"mon"}, From: "08:30", Until: "19:00"}}, Rows: 10, EmergencyStaff: []string{string(e.person)}, Provisos: provisos}},
		Subcontracts:    []*pb.Subcontract{{Id: "R09", Contract: "C01", Parent: "K1", Organization: "K2", Consent: "第9号", Depth: 1, Starts: "2026-04-01", Ends: "2027-03-31", StartedOn: "2026-04-01", FlowDownOn: "2026-04-01", RevokedAt: "2026-10-14T00:00:00Z", Assets: []string{"A01"}, Actions: []string{"view"}, Purposes: []string{"U"}}},
		PledgeTemplates: []*pb.PledgeTemplate{{Id: "T-Z", Version: 1, Variant: "general", Text: "誓約 {{name}}", ValidFrom: "2026-04-01", Resign: "mandatory", MandatoryFor: []string{"C01"}, GraceUntil: "2026-12-31", Renewals: true}},
		Systems:         []*pb.System{{Id: "P09", Name: "系", Obligations: []string{"log_full"}, Zones: []string{"office"}, OnBehalf: true, Aliases: []*pb.Alias{{Kind: "subject", Word: "user", Means: "login"}}, Answers: "codes", Scopes: []*pb.Scope{{Contract: "C01", Assets: []string{"A01"}, Purposes: []string{"U"}}}}},
		Parameters: &pb.Parameters{
			PledgeMonths: 12, TrainingMonths: 12, UnusedDays: 90, DecisionYears: 10, PledgeYears: 5, AnswerDays: 3, ClosedDays: []string{"2026-12-28"}, OpenDays: []string{"2027-01-03"}, Duties: []*pb.Duty{{Importance: 1, Action: "print", Obligation: &pb.Obligation{Name: "watermark"}}},
			Classes:   []*pb.ClassParameters{{Importance: 1, MaxAge: 30, StalenessHours: 24, Zones: []string{"office"}, AuthLevel: 2, AuthMinutes: 60, CaseRef: true, Rows: 100, Permits: []string{"copy"}}},
			Emergency: &pb.EmergencyParameters{Enabled: true, Minutes: 60, Purposes: []string{"U"}},
		},
		Permits: []*pb.Permit{{
			Id: "PM9", Contract: "C01", Person: string(e.person), State: "pending", Starts: "2026-10-10", Ends: "2026-10-20", RevokedAt: "2026-10-14T00:00:00Z",
			Assets: []string{"A01"}, Actions: []string{"carry_out"}, Purposes: []string{"U"}, Recipients: []string{"R1"}, Media: []string{"usb"}, Rows: 5, Uses: 2,
			CloseOut: true, Obligations: []*pb.Obligation{{Name: "encrypt"}}, ReturnDue: "2026-10-21", ReturnedAt: "2026-10-14T00:00:00Z",
		}},
		ServiceAccounts: []*pb.ServiceAccount{{Id: "SV9", Name: "夜間処理", Owner: string(e.person), Contract: "C01", Rights: []*pb.ServiceRight{{Asset: "A01", Action: "view", Purpose: "U", From: "2026-10-01", Until: "2027-03-31"}}}},
	}
	key := func() string { return h.Key() }
	all := h.askings(e)
	maps.Copy(all, map[string]sample{
		"meibo.v1.AccessService/ListAccess": {"city-auditor", &pb.ListAccessRequest{Asset: "A01", At: timestamppb.New(h.Clock.Now().Time())}},
		"meibo.v1.AccessService/ExplainAccess": {"city-auditor", &pb.ExplainAccessRequest{System: "P01", At: timestamppb.New(h.Clock.Now().Time()), Question: &pb.CheckAccessRequest{
			Person: string(e.person), Contract: "C01", Asset: "A01", Action: "view", Purpose: string(meibotest.Purpose)}}},
		"meibo.v1.AccessService/ListCodes":     {"k1-submitter", &pb.ListCodesRequest{}},
		"meibo.v1.ChangeService/SubmitChange":  {"k1-submitter", &pb.SubmitChangeRequest{IdempotencyKey: key(), Lines: []*pb.Line{line, add}}},
		"meibo.v1.ChangeService/PreviewChange": {"k1-submitter", &pb.PreviewChangeRequest{Lines: []*pb.Line{line, add}}},
		"meibo.v1.ChangeService/ReadChangeFile": {"k1-submitter", &pb.ReadChangeFileRequest{
			Name: "changes.json", Content: []byte(`{"lines":[{"operation":"add"}]}`)}},
		"meibo.v1.ChangeService/ListChanges":   {"k1-submitter", &pb.ListChangesRequest{Contract: "C01"}},
		"meibo.v1.ChangeService/GetChange":     {"k1-submitter", &pb.GetChangeRequest{Id: e.waiting}},
		"meibo.v1.ChangeService/DraftRenewal":  {"k1-submitter", &pb.DraftRenewalRequest{Contract: "C01"}},
		"meibo.v1.ChangeService/ApproveChange": {"k1-approver", &pb.ApproveChangeRequest{IdempotencyKey: key(), Id: e.waiting}},
		"meibo.v1.ChangeService/RejectChange":  {"k1-approver", &pb.RejectChangeRequest{IdempotencyKey: key(), Id: e.waiting, Reason: "理由"}},
		"meibo.v1.ChangeService/WithdrawChange": {"k1-submitter", &pb.WithdrawChangeRequest{
			IdempotencyKey: key(), Id: e.waiting}},
		"meibo.v1.RosterService/ListRosters": {"k1-submitter", &pb.ListRostersRequest{Contract: "C01"}},
		"meibo.v1.RosterService/GetRoster":   {"k1-submitter", &pb.GetRosterRequest{Contract: "C01", Version: 1}},
		"meibo.v1.RosterService/GetRosterFile": {"k1-submitter", &pb.GetRosterFileRequest{
			Contract: "C01", Version: 1, Format: "json"}},
		"meibo.v1.RosterService/AcknowledgeRoster": {"city-receiver", &pb.AcknowledgeRosterRequest{
			IdempotencyKey: key(), Contract: "C01", Version: 1, Hash: e.hash}},
		"meibo.v1.RosterService/ReturnRoster": {"city-receiver", &pb.ReturnRosterRequest{
			IdempotencyKey: key(), Contract: "C01", Version: 1, Hash: e.hash, Person: string(e.person), Reason: "理由"}},
		"meibo.v1.PledgeService/RequestPledge": {"k1-submitter", &pb.RequestPledgeRequest{
			IdempotencyKey: key(), Contract: "C01", Person: string(e.person)}},
		"meibo.v1.PledgeService/ListPledges":    {"k1-submitter", &pb.ListPledgesRequest{Contract: "C01"}},
		"meibo.v1.PledgeService/GetPledgePaper": {"k1-submitter", &pb.GetPledgePaperRequest{Id: e.pledge}},
		"meibo.v1.PledgeService/GetPledgeFile":  {"k1-submitter", &pb.GetPledgeFileRequest{Id: e.pledge}},
		"meibo.v1.PledgeService/GetPledge":      {"k1-submitter", &pb.GetPledgeRequest{Id: e.pledge}},
		"meibo.v1.PledgeService/SignPledge": {"k1-submitter", &pb.SignPledgeRequest{
			IdempotencyKey: key(), Id: e.pledge, Hash: strings.Repeat("0", 64), Password: "secret"}},
		"meibo.v1.PledgeService/GetPledgeForm": {"k1-submitter", &pb.GetPledgeFormRequest{IdempotencyKey: key(), Id: e.pledge}},
		"meibo.v1.PledgeService/RecordPledge": {"k1-submitter", &pb.RecordPledgeRequest{
			IdempotencyKey: key(), Id: e.pledge, Document: demo.ScannedPaper(), MediaType: "image/png", SignedOn: "2026-10-15"}},
		"meibo.v1.PledgeService/VerifyPledge":           {"k1-approver", &pb.VerifyPledgeRequest{IdempotencyKey: key(), Id: e.pledge, RejectReason: "unreadable"}},
		"meibo.v1.NoticeService/ListNotices":            {"city-receiver", &pb.ListNoticesRequest{Contract: "C01"}},
		"meibo.v1.NoticeService/GetNotice":              {"city-receiver", &pb.GetNoticeRequest{Id: e.notice}},
		"meibo.v1.NoticeService/RetryNotice":            {"operator-tool", &pb.RetryNoticeRequest{IdempotencyKey: key(), Id: e.notice}},
		"meibo.v1.NoticeService/GetNoticePackage":       {"city-receiver", &pb.GetNoticePackageRequest{Id: e.notice}},
		"meibo.v1.NoticeService/ImportAnswer":           {"operator-tool", &pb.ImportAnswerRequest{IdempotencyKey: key(), Message: []byte("x")}},
		"meibo.v1.NoticeService/HandOverNotice":         {"operator-tool", &pb.HandOverNoticeRequest{IdempotencyKey: key(), Id: e.notice}},
		"meibo.v1.NoticeService/BounceNotice":           {"operator-tool", &pb.BounceNoticeRequest{IdempotencyKey: key(), Id: e.notice}},
		"meibo.v1.MasterService/GetMaster":              {"operator-tool", &pb.GetMasterRequest{}},
		"meibo.v1.MasterService/PlanMaster":             {"operator-tool", &pb.PlanMasterRequest{Master: master}},
		"meibo.v1.MasterService/ApplyMaster":            {"operator-tool", &pb.ApplyMasterRequest{IdempotencyKey: key(), Master: master, State: "?"}},
		"meibo.v1.DirectoryService/SyncDirectory":       {"operator-tool", &pb.SyncDirectoryRequest{}},
		"meibo.v1.DirectoryService/GetDirectoryStatus":  {"operator-tool", &pb.GetDirectoryStatusRequest{}},
		"meibo.v1.DirectoryService/PlanDirectory":       {"operator-tool", &pb.PlanDirectoryRequest{}},
		"meibo.v1.DirectoryService/ListOrphans":         {"operator-tool", &pb.ListOrphansRequest{}},
		"meibo.v1.DirectoryService/ListDirectoryPeople": {"operator-tool", &pb.ListDirectoryPeopleRequest{Standing: "locked"}},
		"meibo.v1.DirectoryService/ConfirmUnit": {"k1-approver", &pb.ConfirmUnitRequest{
			IdempotencyKey: key(), Person: string(e.person)}},
		"meibo.v1.DirectoryService/ListDirectoryHolds": {"operator-tool", &pb.ListDirectoryHoldsRequest{Every: true}},
		"meibo.v1.DirectoryService/SettleDirectoryHold": {"operator-tool", &pb.SettleDirectoryHoldRequest{
			IdempotencyKey: key(), Id: "no-such-hold", Verdict: "confirm"}},
		"meibo.v1.KeyService/CreateKey": {"operator-tool", &pb.CreateKeyRequest{
			IdempotencyKey: key(), Client: "k1-submitter", Name: "名", Organization: "K1", Person: string(e.person), System: "P01",
			Roles: []*pb.Role{{Role: "submitter", Contract: "C01"}}, Days: 30}},
		"meibo.v1.KeyService/RevokeKey":   {"operator-tool", &pb.RevokeKeyRequest{IdempotencyKey: key(), Key: strings.Split(h.keys["codes"], "_")[1]}},
		"meibo.v1.KeyService/ListClients": {"operator-tool", &pb.ListClientsRequest{}},
		"meibo.v1.HoldService/OpenHold": {"city-receiver", &pb.OpenHoldRequest{
			IdempotencyKey: key(), Hold: &pb.Hold{Kind: "incident", Person: string(e.person), Contract: "C01", Asset: "A01", Reference: "I-01"}}},
		"meibo.v1.HoldService/LiftHold":         {"operator-tool", &pb.LiftHoldRequest{IdempotencyKey: key(), Hold: "h"}},
		"meibo.v1.HoldService/ListHolds":        {"k1-submitter", &pb.ListHoldsRequest{}},
		"meibo.v1.PledgeService/PreviewPledges": {"k1-submitter", &pb.PreviewPledgesRequest{Contract: "C01"}},
		"meibo.v1.PasskeyService/BeginPasskey":  {"k1-submitter", &pb.BeginPasskeyRequest{Pledge: e.pledge}},
		"meibo.v1.PasskeyService/RegisterPasskey": {"k1-submitter", &pb.RegisterPasskeyRequest{
			IdempotencyKey: key(), Pledge: e.pledge, Token: "t", Answer: "{}", Password: "secret"}},
		"meibo.v1.PasskeyService/BeginSigning":  {"k1-submitter", &pb.BeginSigningRequest{Pledge: e.pledge, Hash: strings.Repeat("0", 64)}},
		"meibo.v1.PasskeyService/ListPasskeys":  {"k1-submitter", &pb.ListPasskeysRequest{Person: string(e.person)}},
		"meibo.v1.PasskeyService/RevokePasskey": {"k1-submitter", &pb.RevokePasskeyRequest{IdempotencyKey: key(), Id: "p"}},

		"meibo.v1.DisposalService/ProposeDisposal": {"city-approver", &pb.ProposeDisposalRequest{IdempotencyKey: key(), Contract: "C01"}},
		"meibo.v1.DisposalService/ListDisposals":   {"city-approver", &pb.ListDisposalsRequest{Contract: "C01"}},
		"meibo.v1.DisposalService/DecideDisposal":  {"city-approver", &pb.DecideDisposalRequest{IdempotencyKey: key(), Id: "d", Verdict: "reject"}},
		"meibo.v1.TrainingService/RecordTrainings": {"k1-submitter", &pb.RecordTrainingsRequest{IdempotencyKey: key(), Trainings: []*pb.Training{{
			Person: string(e.person), Contract: "C01", CompletedOn: "2026-04-01", ValidUntil: "2027-03-31", Material: "第2版"}}}},
		"meibo.v1.TrainingService/ListTrainings":    {"k1-submitter", &pb.ListTrainingsRequest{Person: string(e.person)}},
		"meibo.v1.EmergencyService/ListEmergencies": {"city-receiver", &pb.ListEmergenciesRequest{Contract: "C01"}},
		"meibo.v1.EmergencyService/ReviewEmergency": {"city-approver", &pb.ReviewEmergencyRequest{IdempotencyKey: key(), Emergency: "e"}},
		"meibo.v1.LogService/GetCheckpoint":         {"", &pb.GetCheckpointRequest{}},
		"meibo.v1.LogService/VerifyFile":            {"k1-submitter", &pb.VerifyFileRequest{Content: []byte("%PDF-1.7"), Proof: "{}"}},
		"meibo.v1.LogService/GetConsistency":        {"k1-submitter", &pb.GetConsistencyRequest{From: 1}},
		"meibo.v1.LogService/ListEntries":           {"city-auditor", &pb.ListEntriesRequest{From: 0, Limit: 10}},
		"meibo.v1.LogService/GetRequest":            {"k1-submitter", &pb.GetRequestRequest{IdempotencyKey: "known-key"}},
	})
	return all
}

// route is a request as the JSON door takes it.
func route(t *testing.T, method string, m proto.Message) ask {
	t.Helper()
	rule := proto.GetExtension(methodOf(method).Options(), annotations.E_Http).(*annotations.HttpRule)
	a := ask{verb: http.MethodGet, path: rule.GetGet()}
	if a.path == "" {
		a.verb, a.path = http.MethodPost, rule.GetPost()
	}
	if a.path == "" {
		t.Fatalf("%s has no route", method)
	}
	rest := proto.Clone(m).ProtoReflect()
	query := url.Values{}
	m.ProtoReflect().Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		if slot := "{" + string(f.Name()) + "}"; strings.Contains(a.path, slot) {
			a.path = strings.Replace(a.path, slot, url.PathEscape(v.String()), 1)
			rest.Clear(f)
		} else if a.verb == http.MethodGet {
			query.Set(string(f.Name()), v.String())
		}
		return true
	})
	if len(query) > 0 {
		a.path += "?" + query.Encode()
	}
	if a.verb == http.MethodPost {
		body, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(rest.Interface())
		if err != nil {
			t.Fatal(err)
		}
		a.body = string(body)
	}
	return a
}

// methods are the names of all methods that the server has registered and that
// answer once.
func (h *house) methods() []string {
	var names []string
	for service, info := range h.server.GRPC().GetServiceInfo() {
		if strings.HasPrefix(service, "meibo.") {
			for _, m := range info.Methods {
				if !m.IsServerStream {
					names = append(names, service+"/"+m.Name)
				}
			}
		}
	}
	return names
}
