import Testing
import Voxtile
import VoxtileTestSupport

@Suite("Edge policy") struct EdgePolicyTests {
  @Test("the example of the documentation is true")
  func example() throws {
    let expected: [(EdgePolicy, [ClosedRange<Int>])] = [
      (.shift, [0...3, 3...6, 6...9, 7...10]),
      (.balance, [0...3, 2...5, 5...8, 7...10]),
      (.pad(.end), [0...3, 3...6, 6...9, 9...12]),
      (.partial, [0...3, 3...6, 6...9, 9...10]),
      (.discard, [0...3, 3...6, 6...9]),
      (.pad(.both), [-1...2, 2...5, 5...8, 8...11]),
    ]
    for (edge, ranges) in expected {
      let tiling = try AxisTiling(length: 11, patch: 4, overlap: .voxels(1), edge: edge, axis: .x)
      #expect(tiling.ranges.map { ClosedRange($0) } == ranges, "\(edge)")
    }
  }

  @Test("where the grid fits the image, all policies agree")
  func fittingGrid() throws {
    for axis in AxisCase.all(upTo: 12)
    where axis.patch <= axis.length && (axis.length - axis.patch) % (axis.patch - axis.overlap) == 0 {
      let expected = try AxisTiling(axis, edge: .shift).ranges
      for edge in EdgePolicy.allCases {
        #expect(try AxisTiling(axis, edge: edge).ranges == expected, "\(axis), \(edge)")
      }
    }
  }

  @Test("patches of shift, discard and balance are whole and inside the image")
  func inside() throws {
    for axis in AxisCase.all(upTo: 12) where axis.patch <= axis.length {
      for edge in [EdgePolicy.shift, .discard, .balance] {
        for range in try AxisTiling(axis, edge: edge).ranges {
          #expect(range.count == axis.patch, "\(axis), \(edge)")
          #expect(range.lowerBound >= 0 && range.upperBound <= axis.length, "\(axis), \(edge)")
        }
      }
    }
  }

  @Test("regular patches are a stride apart; shift moves only its last one, by less than a stride")
  func strides() throws {
    for axis in AxisCase.all(upTo: 12) {
      let stride = axis.patch - axis.overlap
      for edge in [EdgePolicy.discard, .pad(.end), .pad(.both), .partial] {
        guard let tiling = try? AxisTiling(axis, edge: edge) else { continue }
        #expect(tiling.gaps.allSatisfy { $0 == stride }, "\(axis), \(edge)")
      }
      guard axis.patch <= axis.length else { continue }
      let shifted = try AxisTiling(axis, edge: .shift)
      #expect(shifted.stride == stride, "\(axis)")
      #expect(shifted.gaps.dropLast().allSatisfy { $0 == stride }, "\(axis)")
      #expect((1...stride).contains(shifted.gaps.last ?? stride), "\(axis)")
    }
  }

  @Test("balance needs as many patches as shift, spread evenly with at least the overlap asked for")
  func balance() throws {
    var cases = AxisCase.all(upTo: 12).filter { $0.patch <= $0.length }
    for var random in SplitMix64.cases(200, from: 31) {
      cases.append(.random(lengths: 13...2000, using: &random))
    }
    for axis in cases {
      let tiling = try AxisTiling(axis, edge: .balance)
      let shifted = try AxisTiling(axis, edge: .shift)
      #expect(tiling.count == shifted.count, "\(axis)")
      #expect(tiling.starts.first == 0 && tiling.starts.last == shifted.starts.last, "\(axis)")
      guard let widest = tiling.gaps.max(), let narrowest = tiling.gaps.min() else { continue }
      #expect(widest - narrowest <= 1, "\(axis)")
      #expect(axis.patch - widest >= axis.overlap, "\(axis)")
    }
  }

  @Test("padding adds only what the last patch lacks: after the image, or half on each side")
  func padding() throws {
    for axis in AxisCase.all(upTo: 12) {
      let stride = axis.patch - axis.overlap
      let end = try AxisTiling(axis, edge: .pad(.end))
      let both = try AxisTiling(axis, edge: .pad(.both))
      let madeUp = (end.count - 1) * stride + axis.patch - axis.length
      #expect(madeUp < stride || end.count == 1, "\(axis)")
      #expect(end.paddingBefore == 0 && end.paddingAfter == madeUp, "\(axis)")
      #expect(both.paddingBefore + both.paddingAfter == madeUp, "\(axis)")
      #expect((0...1).contains(both.paddingAfter - both.paddingBefore), "\(axis)")
      #expect((end.ranges + both.ranges).allSatisfy { $0.count == axis.patch }, "\(axis)")
    }
  }

  @Test("only padding makes up voxels")
  func noPadding() throws {
    for axis in AxisCase.all(upTo: 12) {
      for edge in [EdgePolicy.shift, .discard, .balance, .partial] {
        guard let tiling = try? AxisTiling(axis, edge: edge) else { continue }
        #expect(tiling.paddingBefore == 0 && tiling.paddingAfter == 0, "\(axis), \(edge)")
      }
    }
  }

  @Test("a partial last patch ends with the image and is longer than the overlap")
  func partial() throws {
    for axis in AxisCase.all(upTo: 12) {
      let tiling = try AxisTiling(axis, edge: .partial)
      #expect(tiling.ranges.dropLast().allSatisfy { $0.count == axis.patch }, "\(axis)")
      let last = try #require(tiling.ranges.last)
      #expect(last.upperBound == axis.length, "\(axis)")
      #expect(last.count > axis.overlap || tiling.count == 1, "\(axis)")
    }
  }

  @Test("an image smaller than the patch is one smaller patch under partial")
  func partialOfSmallImage() throws {
    for axis in AxisCase.all(upTo: 12) where axis.patch > axis.length {
      let tiling = try AxisTiling(axis, edge: .partial)
      #expect(tiling.ranges == [0..<axis.length] && tiling.patch == axis.length, "\(axis)")
      #expect(tiling.overlap < tiling.patch && tiling.stride >= 1, "\(axis)")
    }
  }

  @Test("a policy is found by its name, and other names are refused")
  func names() {
    for edge in EdgePolicy.allCases { #expect(EdgePolicy(edge.description) == edge) }
    #expect(Set(EdgePolicy.allCases.map(\.description)).count == 6)
    #expect(EdgePolicy("pad") == .pad(.end))
    #expect(EdgePolicy("Shift") == nil && EdgePolicy("") == nil)
  }
}
