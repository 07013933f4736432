/// A part of a whole, from 0 to 1, in millionths: choices by it are made in integers, so that they are the same everywhere.
public struct Share: Hashable, Sendable, Comparable {
  /// How many millionths it is, from 0 to 1,000,000.
  public let millionths: Int

  /// Nothing of it.
  public static let none = Share(millionths: 0)
  /// All of it.
  public static let all = Share(millionths: 1_000_000)

  private init(millionths: Int) { self.millionths = millionths }

  /// The share nearest to a fraction.
  ///
  /// - Precondition: the fraction is from 0 to 1.
  public static func fraction(_ fraction: Double) -> Share {
    precondition(fraction >= 0 && fraction <= 1, "\(fraction) is not from 0 to 1")
    return Share(millionths: Int((fraction * 1_000_000).rounded()))
  }

  /// The share as a number from 0 to 1.
  public var fraction: Double { Double(millionths) / 1_000_000 }

  /// Whether one share is smaller than another.
  public static func < (a: Share, b: Share) -> Bool { a.millionths < b.millionths }

  /// The share of a number, rounded to the nearest, halves up.
  func rounded(of count: Int) -> Int { (count * millionths + 500_000) / 1_000_000 }

  /// The smallest number that is at least this share of another one.
  func least(of count: Int) -> Int { (count * millionths + 999_999) / 1_000_000 }
}
