/// A random word that the address of a page begins with, so that only those who were told it can read the page.
struct AccessToken: Sendable {
  /// 32 hexadecimal digits.
  let text: String

  /// Creates a token of 128 random bits.
  init() {
    var random = SystemRandomNumberGenerator()
    text = (0..<2).map { _ in
      let digits = String(random.next() as UInt64, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  /// The path below the token: `/slice/0/2/90` of `/TOKEN/slice/0/2/90`; `nil` where the target does not begin with it.
  ///
  /// How long this takes does not tell how much of a wrong token is right.
  func path(of target: String) -> String? {
    let expected = Array("/\(text)/".utf8)
    let found = Array(target.utf8.prefix(expected.count))
    guard found.count == expected.count else { return nil }
    let difference = zip(found, expected).reduce(0 as UInt8) { $0 | ($1.0 ^ $1.1) }
    return difference == 0
      ? "/" + String(target.utf8.dropFirst(expected.count).map { Character(Unicode.Scalar($0)) }) : nil
  }
}
