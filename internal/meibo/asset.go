package meibo

// An Asset (情報資産) is information that a contract's work touches.
type Asset struct {
	ID         AssetID
	Name       string
	Importance Importance
	MyNumber   bool // holds Individual Numbers (個人番号)
	State      AssetState

	Members    List[AssetID]     // what a container holds (混載媒体): it is handled like the most important
	Purposes   List[PurposeCode] // for which it is intended; empty: any
	Prohibited List[PurposeCode]
	Provisos   Packed[[]Proviso]
}

// Importance (重要性) is the city's class of an asset, 1 the highest.
// Unclassified assets are refused until the city has decided (S1-1-2-2).
type Importance int

const (
	Unclassified Importance = 0
	Highest      Importance = 1
	Lowest       Importance = 4
)

// AssetState says whether an asset can be used.
type AssetState string

const (
	AssetActive   AssetState = "active"
	AssetLocked   AssetState = "locked"
	AssetReturned AssetState = "returned"
	AssetDisposed AssetState = "disposed"
)

// An Action is one of a closed vocabulary of what can be done with an asset.
type Action string

// Actions lists the vocabulary, in the order of the five stages of handling
// (acquire, use, keep, provide, dispose).
var Actions = []Action{
	"create", "view", "update", "print", "copy", "export", "create_file", "send", "provide",
	"carry_out", "transport", "bring_in", "change_setting", "enter", "delete", "dispose",
}

// Known reports whether a is in the vocabulary.
func (a Action) Known() bool {
	for _, x := range Actions {
		if x == a {
			return true
		}
	}
	return false
}
