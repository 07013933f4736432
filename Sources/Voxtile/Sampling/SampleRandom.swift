/// Random numbers that depend on what they are for, and on nothing that was drawn before.
///
/// It is SplitMix64, started from a seed, a name, a number and a stream. So the patch of a number is the same in whatever
/// order patches are drawn, and whatever other scans there are.
struct SampleRandom: Sendable {
  /// What numbers are drawn for.
  enum Stream: UInt64 {
    /// A patch that has to hold a component.
    case cover = 1
    /// Any other patch.
    case patch = 2
    /// Whether a scan is for training or for validation.
    case split = 3
  }

  private var state: UInt64

  /// Starts SplitMix64 from a state.
  init(state: UInt64) { self.state = state }

  /// Starts from all that decides which numbers come.
  ///
  /// - Parameters:
  ///   - seed: the seed of the plan.
  ///   - name: the name of the scan, as ``hash(of:)`` makes a number of it.
  ///   - number: which patch it is, or which component.
  ///   - stream: what the numbers are for.
  init(seed: UInt64, name: UInt64, number: UInt64, stream: Stream) {
    state = [name, number, stream.rawValue].reduce(Self.mixed(seed)) { Self.mixed($0 ^ $1) }
  }

  /// The next 64 random bits.
  mutating func next() -> UInt64 {
    defer { state &+= Self.step }
    return Self.mixed(state)
  }

  /// A number from 0 up to, but not, `count`, each as likely as the others.
  ///
  /// - Precondition: `count` is at least 1.
  mutating func bounded(_ count: Int) -> Int {
    precondition(count >= 1, "there is no number below \(count)")
    let count = UInt64(count)
    // The first numbers of the low half would come once more often than the others.
    let surplus = (0 &- count) % count
    while true {
      let (high, low) = next().multipliedFullWidth(by: count)
      if low >= surplus { return Int(high) }
    }
  }

  /// The 64-bit FNV-1a hash of a name's UTF-8 bytes.
  static func hash(of name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }

  private static let step: UInt64 = 0x9E37_79B9_7F4A_7C15

  private static func mixed(_ state: UInt64) -> UInt64 {
    var mixed = state &+ step
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
