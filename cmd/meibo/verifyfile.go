package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/meibo-dev/meibo/internal/meibo"
	"github.com/meibo-dev/meibo/internal/seal"
)

// A fileVerdict is what verify tells of a file.
type fileVerdict struct {
	File      string     `json:"file"`
	State     seal.State `json:"state"`
	Code      string     `json:"code,omitempty"`
	Hash      string     `json:"hash"`
	Signer    string     `json:"signer,omitempty"`
	SignedAt  string     `json:"signed_at,omitempty"`
	StampedAt string     `json:"stamped_at,omitempty"`
	Authority string     `json:"authority,omitempty"`
	Entry     *int64     `json:"entry,omitempty"` // of the log
	EntryAt   string     `json:"entry_at,omitempty"`
	Log       string     `json:"log,omitempty"`
	Size      int64      `json:"log_size,omitempty"`
}

// verifyFile tells what became of a file, with nothing but the file, the proof
// beside it, and the copies of the roots.
func (c *verifyCmd) verifyFile(a *app) error {
	trust, log, err := c.trust()
	if err != nil {
		return err
	}
	content, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	v := seal.VerifyPDF(content, trust)
	if bytes.HasPrefix(content, []byte("PK")) {
		v, _ = seal.VerifyPackage(content, trust)
	}
	if !bytes.HasPrefix(content, []byte("%PDF-")) && v.Code == "NO_SEAL" {
		v = verifyCheckpoint(v, content, log)
	}
	told := fileVerdict{
		File: c.File, State: v.State, Code: v.Code, Hash: v.Hash, Signer: v.Signer, SignedAt: rfc3339(v.SignedAt), StampedAt: rfc3339(v.StampedAt),
		Authority: v.Authority,
	}
	if err := told.prove(c.proof(), log); err != nil {
		return err
	}
	if a.json {
		err = a.print(told)
	} else {
		told.tell(a)
	}
	if told.State != seal.Intact {
		return errors.Join(err, fmt.Errorf("%s: %s (%s)", c.File, told.State, told.Code))
	}
	return err
}

// trust is whom the flags name, else whom the configuration believes where there
// is one.
func (c *verifyCmd) trust() (t seal.Trust, log *seal.Verifier, err error) {
	logKey := c.LogKey
	if c.Root == "" && c.TimestampRoot == "" && logKey == "" {
		cfg, err := readConfig(c.Config)
		if err != nil {
			return t, nil, fmt.Errorf("name the copies of the roots (--root, --log-key), or a configuration: %w", err)
		}
		if t, err = cfg.trust(); err != nil {
			return t, nil, err
		}
		logKey = cfg.path(cfg.Keys.LogPublic)
	} else {
		var errSeals, errStamps error
		t.Seals, errSeals = poolOf(c.Root)
		t.Stamps, errStamps = poolOf(c.TimestampRoot)
		if err := errors.Join(errSeals, errStamps); err != nil {
			return t, nil, err
		}
	}
	if logKey == "" {
		return t, nil, nil
	}
	public, err := os.ReadFile(logKey)
	if err != nil {
		return t, nil, err
	}
	log, err = seal.NewVerifier(string(public))
	return t, log, err
}

func (c *verifyCmd) proof() string {
	if c.Proof != "" {
		return c.Proof
	}
	if _, err := os.Stat(c.File + proofEnd); err == nil {
		return c.File + proofEnd
	}
	return ""
}

// verifyCheckpoint tells of a file that holds a signed head of the log.
func verifyCheckpoint(v seal.Verdict, content []byte, log *seal.Verifier) seal.Verdict {
	if log == nil {
		return v
	}
	head, err := log.Open(string(content))
	if err != nil {
		return v
	}
	v.State, v.Code, v.Signer = seal.Intact, "", fmt.Sprintf("%s, %d entries", head.Log, head.Size)
	return v
}

// prove looks whether the log answers for the file. A proof that is not the file's
// makes it changed.
func (f *fileVerdict) prove(path string, log *seal.Verifier) error {
	if path == "" {
		return nil
	}
	if log == nil {
		return errors.New("a proof needs the log's public key: --log-key")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var p meibo.Proof
	if err := json.Unmarshal(text, &p); err != nil {
		return fmt.Errorf("read proof %s: not a proof", path)
	}
	proven, err := seal.VerifyProof(p, log)
	switch {
	case err != nil:
		f.State, f.Code = seal.Changed, "PROOF_DAMAGED"
	case proven.Row["hash"] != f.Hash:
		f.State, f.Code = seal.Changed, "NOT_IN_LOG"
	default:
		at := proven.Entry.At.Time().In(meibo.JST)
		f.Entry, f.EntryAt, f.Log, f.Size = &p.Entry, at.Format(time.RFC3339), proven.Head.Log, p.Size
	}
	return nil
}

// verdicts are the words of states and codes.
var verdicts = map[string]string{
	string(seal.Intact): "封印されたときのままです。", string(seal.Changed): "封印の後に変更されています。", string(seal.Unknown): "真正かどうか分かりません。",
	"NO_SEAL": "封印がありません。", "SEAL_DAMAGED": "封印が壊れています。", "CONTENT_CHANGED": "内容が封印と一致しません。", "APPENDED": "封印の後に追記されています。",
	"CUT_SHORT": "途中で切れています。", "MORE_THAN_ONE_SEAL": "署名が二つ以上あります。", "SIGNER_UNKNOWN": "封印した者の証明書を確認できません。",
	"NO_TIMESTAMP": "タイムスタンプがありません。時刻は封印した者の申告です。", "TIMESTAMP_UNTRUSTED": "タイムスタンプの認証局を確認できません。時刻は封印した者の申告です。",
	"TIMESTAMP_DAMAGED": "タイムスタンプが壊れています。", "PROOF_DAMAGED": "台帳の証明が壊れています。", "NOT_IN_LOG": "台帳の証明は、このファイルのものではありません。",
}

func (f fileVerdict) tell(a *app) {
	a.printf("%s: %s %s\n", f.File, f.State, verdicts[string(f.State)])
	if f.Code != "" {
		a.printf("  %s %s\n", f.Code, verdicts[f.Code])
	}
	for _, line := range [][2]string{
		{"封印した者", f.Signer}, {"封印の時刻", f.SignedAt}, {"タイムスタンプ", f.StampedAt}, {"時刻認証局", f.Authority}, {"SHA-256", f.Hash},
	} {
		if line[1] != "" {
			a.printf("  %s %s\n", line[0], line[1])
		}
	}
	if f.Entry != nil {
		a.printf("  台帳 %s の記録 %d番 (%s)。全%d件の証跡で確かめました。\n", f.Log, *f.Entry, f.EntryAt, f.Size)
	}
}

func rfc3339(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(meibo.JST).Format(time.RFC3339)
}
