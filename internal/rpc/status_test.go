package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/meibo-dev/meibo/internal/ledger"
	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/rpc"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// details are what a status carries besides its message.
type details struct {
	reason, sentence string
	problems         []*pb.Problem
}

func detailsOf(t *testing.T, err error) (d details) {
	t.Helper()
	for _, detail := range status.Convert(err).Details() {
		switch one := detail.(type) {
		case *errdetails.ErrorInfo:
			d.reason = one.Reason
		case *errdetails.LocalizedMessage:
			d.sentence = one.Message
		case *pb.Problem:
			d.problems = append(d.problems, one)
		default:
			t.Errorf("a detail is %T", one)
		}
	}
	return d
}

func TestEachKindOfErrorHasAStatus(t *testing.T) {
	wrapped := func(err error) error { return fmt.Errorf("cut roster for contract c1: %w", err) }
	for _, c := range []struct {
		err    error
		code   codes.Code
		text   string
		reason string
	}{
		{ledger.ErrUnauthenticated, codes.Unauthenticated, "unauthenticated: present one valid API key", ""},
		{meibo.ErrNotFound, codes.NotFound, "not found", ""},
		{meibo.Refuse(meibo.ErrForbidden, "ROLE_MISSING"), codes.PermissionDenied, "forbidden: ROLE_MISSING", "ROLE_MISSING"},
		{meibo.Refuse(meibo.ErrConflict, "SOD_CONFLICT"), codes.FailedPrecondition, "conflict: SOD_CONFLICT", "SOD_CONFLICT"},
		{meibo.ErrConflict, codes.FailedPrecondition, "conflict", ""},
		{meibo.Problems{{Row: 3, Field: "from", Code: "INVALID_DATE"}}, codes.InvalidArgument, "invalid request: row 3 from: INVALID_DATE", ""},
		{meibo.Refuse(meibo.ErrBusy, "TOO_MANY_TRIES"), codes.Unavailable, "busy: try again with the same idempotency key: TOO_MANY_TRIES", "TOO_MANY_TRIES"},
		{meibo.ErrBusy, codes.Unavailable, "busy: try again with the same idempotency key", ""},
		{context.Canceled, codes.Canceled, "canceled", ""},
		{context.DeadlineExceeded, codes.DeadlineExceeded, "deadline exceeded", ""},
		{errors.New("canary"), codes.Internal, "internal error, request n1", ""},
		{fmt.Errorf("%w and %w", errors.New("canary"), errors.New("others")), codes.Internal, "internal error, request n1", ""},
	} {
		st := status.Convert(rpc.StatusOf(wrapped(c.err), "n1", rpc.RoomOfHeader))
		d := detailsOf(t, st.Err())
		if st.Code() != c.code || st.Message() != c.text || d.reason != c.reason || !japanese(d.sentence) {
			t.Errorf("%v: %s %q, reason %q, %q", c.err, st.Code(), st.Message(), d.reason, d.sentence)
		}
		if all := st.Proto().String(); strings.Contains(all, "canary") || strings.Contains(all, "roster") {
			t.Errorf("%v says too much: %s", c.err, all)
		}
	}
}

func TestAStatusFitsIntoAHeader(t *testing.T) {
	var ps meibo.Problems
	for i := range 10_000 {
		ps = append(ps, meibo.Problem{Row: i + 1, Field: "from", Code: "INVALID_DATE"})
	}
	for room, most := range map[int]int{rpc.RoomOfHeader: 6 << 10, rpc.RoomOfBody: 1<<20 + 1<<10} {
		err := rpc.StatusOf(ps, "", room)
		size := proto.Size(status.Convert(err).Proto())
		d := detailsOf(t, err)
		if size > most || size < most/2 {
			t.Errorf("%d problems take %d bytes, want at most %d", len(d.problems), size, most)
		}
		if want := fmt.Sprintf("ほかに%d件あります。", len(ps)-len(d.problems)); !strings.HasSuffix(d.sentence, want) {
			t.Errorf("%q does not say %q", d.sentence, want)
		}
		for i, p := range d.problems {
			if p.Row != int32(i+1) || !japanese(p.Message) {
				t.Errorf("problem %d: %v", i, p)
			}
		}
	}
	few := rpc.StatusOf(ps[:3], "", rpc.RoomOfHeader)
	if d := detailsOf(t, few); len(d.problems) != 3 || strings.Contains(d.sentence, "ほかに") {
		t.Errorf("three problems: %+v", d)
	}
}

func statuses(t *testing.T, h *house) {
	e := h.estate(t)
	for _, c := range []struct {
		client, method string
		request        proto.Message
		code           codes.Code
		reason         string
	}{
		{"", "ChangeService/GetChange", &pb.GetChangeRequest{Id: e.waiting}, codes.Unauthenticated, ""},
		{"k1-submitter", "ChangeService/GetChange", &pb.GetChangeRequest{Id: "nothing"}, codes.NotFound, ""},
		{"k1-submitter", "ChangeService/GetChange", &pb.GetChangeRequest{}, codes.NotFound, ""},
		{"k1-submitter", "ChangeService/ApproveChange", &pb.ApproveChangeRequest{IdempotencyKey: "a1", Id: e.waiting}, codes.PermissionDenied, "ROLE_MISSING"},
		{"k1-approver", "ChangeService/ApproveChange", &pb.ApproveChangeRequest{Id: e.waiting}, codes.InvalidArgument, ""},
		{"city-receiver", "RosterService/AcknowledgeRoster", &pb.AcknowledgeRosterRequest{IdempotencyKey: "a2", Contract: "C01", Version: 1, Hash: "x"}, codes.FailedPrecondition, "ROSTER_HASH_DIFFERS"},
		{"operator-tool", "DirectoryService/SyncDirectory", &pb.SyncDirectoryRequest{}, codes.FailedPrecondition, "NO_DIRECTORY"},
	} {
		_, err := h.call(t.Context(), c.client, "meibo.v1."+c.method, c.request)
		d := detailsOf(t, err)
		if status.Code(err) != c.code || d.reason != c.reason || !japanese(d.sentence) {
			t.Errorf("%s as %q: %v (%+v)", c.method, c.client, err, d)
		}
	}
}
