import Voxtile

/// A share of many cases: part 2 of 8.
///
/// Parts need not know of each other: every case is in exactly one part, whoever works it out.
public struct CasePart: Hashable, Sendable {
  /// Which part, from 1 on.
  public let number: Int
  /// How many parts there are.
  public let count: Int

  /// - Throws: `VoxtileError.Code.invalidOption` where there is no such part.
  public init(_ number: Int, of count: Int) throws(VoxtileError) {
    guard count >= 1, (1...count).contains(number) else {
      throw VoxtileError(
        .invalidOption, "part \(number) of \(count) does not exist; parts are numbered 1 to \(max(1, count))",
        context: .init(expected: "1...\(max(1, count))", found: "\(number)"))
    }
    self.number = number
    self.count = count
  }

  /// The whole, in one part.
  public static let whole = CasePart(unchecked: 1, of: 1)

  private init(unchecked number: Int, of count: Int) {
    self.number = number
    self.count = count
  }

  /// Whether it is everything.
  public var isWhole: Bool { count == 1 }

  /// Which cases are in this part, where each takes some cost, such as its voxels: the costliest cases first, each goes to the
  /// part that has least.
  ///
  /// - Returns: the places of its cases in `costs`, in order.
  /// - Complexity: O(*n* log *n* + *n* times the parts).
  public func share(of costs: [Int]) -> [Int] {
    var sums = [Int](repeating: 0, count: count)
    var own: [Int] = []
    // Equal costs keep their order, so that every part comes to the same division.
    for index in costs.indices.sorted(by: { (costs[$1], $0) < (costs[$0], $1) }) {
      guard let part = sums.indices.min(by: { (sums[$0], $0) < (sums[$1], $1) }) else { break }
      sums[part] = sums[part].addingReportingOverflow(max(1, costs[index])).partialValue
      if part + 1 == number { own.append(index) }
    }
    return own.sorted()
  }
}

extension CasePart: CustomStringConvertible {
  /// `2/8`.
  public var description: String { "\(number)/\(count)" }
}
