package rpc_test

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/meibotest"
	"github.com/meibo-dev/meibo/internal/rpc"
	pb "github.com/meibo-dev/meibo/proto/meibo/v1"
)

// absurd is a day that is none.
const absurd = "2026-02-30"

// texts are what no field of text should have trouble with.
var texts = []string{
	"a\x00b",
	"\u202e\u2066'; DROP TABLE people; -- ../../%00$$\u007f",
	absurd,
	strings.Repeat("𠮷", 2<<10),
}

// individual is an Individual Number of nobody, as it may be typed; programs are the
// fields in which any digits may stand.
const individual = "1234-5678-9018"

var programs = map[protoreflect.Name]bool{"at_least": true, "next_token": true, "token": true, "proof": true, "hash": true, "password": true}

// badInput puts bad values into each field of each method. What comes of it is
// the caller's fault and never the house's.
func badInput(t *testing.T, h *house) {
	samples := h.samples(h.estate(t))
	texts := texts
	if h.Ledger.Engine() != "SQLite" { // what is refused for its form never reaches a database
		texts = texts[:2]
	}
	for _, method := range h.methods() {
		s, known := samples[method]
		if !known {
			t.Errorf("%s has no sample", method)
			continue
		}
		each := func(what string, change func(*place) bool, want ...codes.Code) {
			t.Helper()
			for n := 0; ; n++ {
				request := proto.Clone(s.request)
				renew(request, h.Key())
				at, ok := nth(request.ProtoReflect(), n)
				if !ok {
					return
				}
				if strings.HasSuffix(method, "/PreviewChange") || strings.HasSuffix(method, "/PlanMaster") {
					if strings.Contains(at.path, ".") { // SubmitChange and ApplyMaster have the same inside
						continue
					}
				}
				if change(at) {
					_, err := h.call(t.Context(), s.client, method, request)
					blame(t, fmt.Sprintf("%s with %s in %s", method, what, at.path), err, want)
				}
			}
		}
		anyFault := []codes.Code{codes.OK, codes.InvalidArgument, codes.NotFound, codes.PermissionDenied, codes.FailedPrecondition}
		for i, text := range texts {
			want := anyFault
			if i == 0 { // no database keeps NUL
				want = []codes.Code{codes.InvalidArgument}
			}
			each(fmt.Sprintf("text %d", i), func(at *place) bool { return (text != absurd || at.isDay()) && at.setText(text) }, want...)
		}
		each("an Individual Number", func(at *place) bool { return !programs[at.desc.Name()] && at.setText(individual) }, codes.InvalidArgument)
		for _, number := range []int64{math.MinInt32, -1, math.MaxInt32} {
			each(fmt.Sprint(number), func(at *place) bool { return at.setNumber(number) }, anyFault...)
		}
		if h.Ledger.Engine() != "SQLite" {
			continue
		}
		done := false // once is enough: it takes its time
		each("a megabyte", func(at *place) bool {
			first := !done && at.path != "idempotency_key" && at.setText(strings.Repeat("x", 1<<20))
			done = done || first
			return first
		}, anyFault...)
		many := 301
		if strings.Contains(method, "ChangeService") {
			many = meibo.MaxLines + 1
		}
		each(fmt.Sprint(many, " of them"), func(at *place) bool { return at.repeat(many) }, anyFault...)
	}
	for _, n := range []int64{math.MinInt64, -1, math.MaxInt64} {
		_, err := h.call(t.Context(), "city-auditor", "meibo.v1.LogService/ListEntries", &pb.ListEntriesRequest{From: n, Limit: 1})
		if (status.Code(err) == codes.InvalidArgument) != (n < 0) || n > 0 && err != nil {
			t.Errorf("entries from %d: %v", n, err)
		}
	}
	if log := h.log.String(); strings.Contains(log, individual) {
		t.Error("an Individual Number was logged")
	}
	if log := h.log.String(); strings.Contains(log, "request failed") {
		t.Errorf("logged:\n%.2000s", log)
	}
}

// blame checks that an error is one of those that are wanted, and says why.
func blame(t *testing.T, what string, err error, want []codes.Code) {
	t.Helper()
	if !slices.Contains(want, status.Code(err)) {
		t.Errorf("%s: %.300v", what, err)
	}
	if err == nil {
		return
	}
	d := detailsOf(t, err)
	if !japanese(d.sentence) {
		t.Errorf("%s: no sentence: %.300v", what, err)
	}
	for _, p := range d.problems {
		if p.Field == "" || p.Code == "" || !japanese(p.Message) {
			t.Errorf("%s: problem %v", what, p)
		}
	}
}

// renew gives a request an idempotency key of its own.
func renew(m proto.Message, key string) {
	if f := m.ProtoReflect().Descriptor().Fields().ByName("idempotency_key"); f != nil && m.ProtoReflect().Descriptor().Name() != "GetRequestRequest" {
		m.ProtoReflect().Set(f, protoreflect.ValueOfString(key))
	}
}

// raw sends bytes as they are.
type raw struct{ encoding.Codec }

func (raw) Marshal(v any) ([]byte, error) {
	if b, ok := v.([]byte); ok {
		return b, nil
	}
	return proto.Marshal(v.(proto.Message))
}
func (raw) Unmarshal(b []byte, v any) error { return proto.Unmarshal(b, v.(proto.Message)) }
func (raw) Name() string                    { return "proto" }

func malformedMessages(t *testing.T, h *house) {
	samples := h.samples(h.estate(t))
	for _, method := range h.methods() {
		client := samples[method].client
		garbage := map[string][]byte{"garbage": []byte("\xFF\xFF\xFF"), "a text that is cut off": {0x0A, 0x7F, 'x'}}
		input := methodOf(method).Input()
		for i := range input.Fields().Len() {
			if f := input.Fields().Get(i); f.Kind() == protoreflect.StringKind {
				garbage["invalid UTF-8 in "+string(f.Name())] = protowire.AppendString(protowire.AppendTag(nil, f.Number(), protowire.BytesType), "a\xFF\xFEb")
			}
		}
		for what, b := range garbage {
			if err := h.send(t, client, method, b); status.Code(err) != codes.InvalidArgument || !japanese(detailsOf(t, err).sentence) {
				t.Errorf("%s with %s: %v", method, what, err)
			}
			if client != "" {
				if err := h.send(t, "", method, b); status.Code(err) != codes.Unauthenticated {
					t.Errorf("%s with %s and no key: %v", method, what, err)
				}
			}
		}
	}
}

// send sends bytes for a message.
func (h *house) send(t *testing.T, client, method string, b []byte) error {
	t.Helper()
	ctx := t.Context()
	if client != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+h.keys[client])
	}
	return h.conn.Invoke(ctx, "/"+method, b, newMessage(methodOf(method).Output()), grpc.ForceCodec(raw{}))
}

// TestAMessageOfManyPartsTakesLittleMemory: two bytes of one can stand for a line,
// which takes hundreds.
func TestAMessageOfManyPartsTakesLittleMemory(t *testing.T) {
	h := newHouse(t, meibotest.SQLite(t), house{})
	const submit = "meibo.v1.ChangeService/SubmitChange"
	for _, n := range []int{rpc.MaxParts + 1, 4<<20 - 1} {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		err := h.send(t, "k1-submitter", submit, []byte(strings.Repeat("\x12\x00", n)))
		runtime.ReadMemStats(&after)
		if mib := (after.TotalAlloc - before.TotalAlloc) >> 20; status.Code(err) != codes.InvalidArgument || mib > 200 {
			t.Errorf("%d parts took %d MiB: %v", n, mib, err)
		}
	}
	if err := h.send(t, "k1-submitter", submit, make([]byte, 9<<20)); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("too large: %v", err)
	}
}

func TestPartsAreCounted(t *testing.T) {
	m := &pb.Master{
		Systems:   []*pb.System{{Id: "P", Scopes: []*pb.Scope{{}, {Contract: "C"}}}, {}},
		Contracts: []*pb.Contract{{Id: "C", Assets: []string{"a", "b"}}},
	}
	b, err := proto.Marshal(&pb.PlanMasterRequest{Master: m})
	if err != nil {
		t.Fatal(err)
	}
	if got := rpc.CountParts((&pb.PlanMasterRequest{}).ProtoReflect().Descriptor(), b); got != 8 {
		t.Errorf("got %d parts, want 8", got)
	}
}

// nothingPersonal: what was said of people, and what was tried with passwords,
// stands in no log, no metric and no failure.
func nothingPersonal(t *testing.T, h *house) {
	const canary = "金糸雀Canary"
	line := &pb.Line{
		Operation: "add", Contract: "C01", Login: canary, Name: canary + "名", Kana: "カナリア", Latin: canary, Alias: canary, FormerName: canary, Adult: "yes",
		Employer: "K1", Employment: "regular", Asset: "A01", Action: "view", Purpose: "U.TAX.RES.ASSESS", From: "2026-10-01", Until: canary, Task: canary, Workplace: canary,
	}
	good := proto.Clone(line).(*pb.Line)
	good.Until = "2027-03-31"
	e := h.estate(t)
	var said strings.Builder
	for _, c := range []struct {
		client, method string
		request        proto.Message
	}{
		{"k1-submitter", "ChangeService/SubmitChange", &pb.SubmitChangeRequest{IdempotencyKey: h.Key(), Lines: []*pb.Line{line}}},
		{"k1-submitter", "ChangeService/SubmitChange", &pb.SubmitChangeRequest{IdempotencyKey: h.Key(), Lines: []*pb.Line{good}}},
		{"k2-all", "ChangeService/SubmitChange", &pb.SubmitChangeRequest{IdempotencyKey: h.Key(), Lines: []*pb.Line{good}}},
		{"k1-approver", "ChangeService/RejectChange", &pb.RejectChangeRequest{IdempotencyKey: h.Key(), Id: "nothing", Reason: canary}},
		{"k1-submitter", "PledgeService/SignPledge", &pb.SignPledgeRequest{IdempotencyKey: h.Key(), Id: e.pledge, Hash: canary, Password: canary}},
		{"k1-submitter", "PledgeService/SignPledge", &pb.SignPledgeRequest{IdempotencyKey: h.Key(), Id: canary, Password: canary + "\x00"}},
		{"k1-submitter", "ChangeService/GetChange", &pb.GetChangeRequest{Id: canary}},
		{"tax-input", "AccessService/CheckAccess", &pb.CheckAccessRequest{Person: canary, Contract: canary, Purpose: canary}},
	} {
		_, err := h.call(t.Context(), c.client, "meibo.v1."+c.method, c.request)
		fmt.Fprintln(&said, status.Convert(err).Proto())
		over := route(t, "meibo.v1."+c.method, c.request)
		over.client = c.client
		if a := h.do(t, over); a.status != 200 {
			fmt.Fprintln(&said, a.body)
		}
	}
	typed := ask{verb: "POST", path: "/v1/pledges/x:sign", client: "k1-submitter", body: `{"idempotency_key":"k","pass":"` + canary + `"}`}
	fmt.Fprintln(&said, h.do(t, typed).body)
	metrics := h.do(t, ask{verb: "GET", path: "/metrics"})
	for where, text := range map[string]string{"log": h.log.String(), "metrics": metrics.body, "failures": said.String()} {
		if strings.Contains(text, "金糸雀") || strings.Contains(text, "anary") || strings.Contains(text, "カナリア") {
			t.Errorf("the %s:\n%s", where, text)
		}
	}
	if !strings.Contains(metrics.body, `meibo_requests_total{code="OK",method="/meibo.v1.AccessService/CheckAccess"}`) || !strings.Contains(metrics.body, `method="/access/v1/evaluation"`) {
		t.Errorf("metrics:\n%s", metrics.body)
	}
}
