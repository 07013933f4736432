import Voxtile

/// Numbers in lines of text.
enum HeaderNumbers {
  /// The whole numbers of a text, separated by blanks, or `nil` where one is no such number.
  static func integers(_ text: some StringProtocol) -> [Int]? {
    let words = text.split(whereSeparator: \.isBlank)
    let numbers = words.compactMap { Int($0) }
    return numbers.count == words.count ? numbers : nil
  }

  /// The numbers of a text, separated by blanks, or `nil` where one is no finite number.
  static func reals(_ text: some StringProtocol) -> [Double]? {
    let words = text.split(whereSeparator: \.isBlank)
    let numbers = words.compactMap { Double($0) }.filter(\.isFinite)
    return numbers.count == words.count ? numbers : nil
  }

  /// A number as it is written: with all its digits, and without a fraction where that is 0.
  static func text(_ number: Double) -> String {
    if number == 0 { return "0" }
    guard number.magnitude < 1e15, number == number.rounded() else { return "\(number)" }
    return "\(Int(number))"
  }

  /// Numbers with blanks between them.
  static func text(_ numbers: [Double]) -> String { numbers.map(text).joined(separator: " ") }

  /// Whole numbers with blanks between them.
  static func text(_ numbers: [Int]) -> String { numbers.map(String.init).joined(separator: " ") }
}

extension Character {
  /// Whether it separates the words of a line.
  var isBlank: Bool { self == " " || self == "\t" }
}

extension StringProtocol {
  /// The text without blanks at its ends.
  var trimmed: String {
    var rest = Substring(self)
    while rest.first?.isBlank == true { rest.removeFirst() }
    while rest.last?.isBlank == true { rest.removeLast() }
    return String(rest)
  }
}
