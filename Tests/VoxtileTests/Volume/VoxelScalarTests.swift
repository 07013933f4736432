import Testing
import Voxtile
import VoxtileTestSupport

/// Integers are compared with 128-bit arithmetic, in which nothing overflows.
@Suite("Voxel scalars") struct VoxelScalarTests {
  /// Calls a check for each integer type.
  private func forEachInteger(_ check: (any (VoxelScalar & FixedWidthInteger).Type) -> Void) {
    check(UInt8.self)
    check(Int8.self)
    check(UInt16.self)
    check(Int16.self)
    check(UInt32.self)
    check(Int32.self)
    check(UInt64.self)
    check(Int64.self)
  }

  @Test("the nearest integer is rounded with ties to even, saturated, and 0 for NaN")
  func nearest() {
    func check<T: VoxelScalar & FixedWidthInteger>(_: T.Type) {
      for number in Self.numbers {
        #expect(T(nearest: number) == naiveNearest(number, T.self), "\(number) as \(T.self)")
      }
      for value in extremes(T.self) where value.magnitude <= 1 << 53 {
        #expect(T(nearest: Double(value)) == value, "\(value) as \(T.self)")
      }
    }
    forEachInteger { check($0) }
  }

  @Test("halves, limits and infinities, by hand")
  func nearestByHand() {
    #expect([2.5, -2.5, 0.5, -0.5, 1.4999, -1.5].map { Int8(nearest: $0) } == [2, -2, 0, 0, 1, -2])
    #expect([0.5, 254.5, 255.5, 256, -0.5, -3].map { UInt8(nearest: $0) } == [0, 254, 255, 255, 0, 0])
    #expect([127.4, 127.5, -128.5, -129].map { Int8(nearest: $0) } == [127, 127, -128, -128])
    #expect(Int64(nearest: 0x1p63) == .max && Int64(nearest: -0x1p63) == .min)
    #expect(Int64(nearest: 0x1p63.nextDown) == .max - 1023)
    #expect(UInt64(nearest: 0x1p64) == .max && UInt64(nearest: 0x1p64.nextDown) == .max - 2047)
    #expect(Int32(nearest: .infinity) == .max && Int32(nearest: -.infinity) == .min)
    #expect(UInt16(nearest: .nan) == 0 && Int64(nearest: .nan) == 0 && Int64(nearest: -.nan) == 0)
    #expect(Int64(nearest: 0.5.nextDown) == 0)
  }

  @Test("the nearest floating-point number keeps NaN and rounds to even")
  func nearestFloat() {
    #expect(Float(nearest: .nan).isNaN && Double(nearest: .nan).isNaN)
    #expect(Float(nearest: 0.1) == 0.1)
    #expect(Float(nearest: 16_777_217) == 16_777_216)
    #expect(Float(nearest: 1e300) == .infinity)
    #expect(Double(nearest: -0.0).sign == .minus)
  }

  @Test("differences of 8-bit integers are exact and lead back, for every pair")
  func everyPairOfBytes() {
    func check<T: VoxelScalar & FixedWidthInteger>(_: T.Type) {
      var failures: [String] = []
      for base in T.min...T.max {
        for value in T.min...T.max {
          let difference = value.difference(from: base)
          if difference != Double(Int(value) - Int(base)) || base.adding(difference) != value {
            failures.append("\(value) from \(base)")
          }
        }
      }
      #expect(failures.isEmpty, "\(T.self)")
    }
    check(UInt8.self)
    check(Int8.self)
  }

  @Test("a difference is the nearest Double to the true one, at all extremes")
  func difference() {
    func check<T: VoxelScalar & FixedWidthInteger>(_: T.Type) {
      for base in extremes(T.self) {
        for value in extremes(T.self) {
          let exact = Int128(value) - Int128(base)
          let difference = value.difference(from: base)
          #expect(difference == Double(exact), "\(value) from \(base), \(T.self)")
          // Up to 2^53 nothing is rounded, so that the way back is exact.
          if exact.magnitude <= 1 << 53 {
            #expect(base.adding(difference) == value, "\(value) from \(base), \(T.self)")
          }
        }
      }
    }
    forEachInteger { check($0) }
  }

  @Test("adding never traps: it rounds half away from zero, saturates, and gives 0 for NaN")
  func adding() {
    func check<T: VoxelScalar & FixedWidthInteger>(_: T.Type) {
      for base in extremes(T.self) {
        for number in Self.numbers {
          let expected = naiveSum(base, number)
          #expect(base.adding(number) == expected, "\(base) + \(number), \(T.self)")
        }
      }
    }
    forEachInteger { check($0) }
  }

  @Test("adding random differences agrees with 128-bit arithmetic")
  func addingRandom() {
    for var random in SplitMix64.cases(2000, from: 3000) {
      let base = Int64(bitPattern: random.next())
      let unsigned = random.next()
      let number = Double(Int64(bitPattern: random.next())) * Double.random(in: -2...2, using: &random)
      #expect(base.adding(number) == naiveSum(base, number), "\(base) + \(number), \(random)")
      #expect(unsigned.adding(number) == naiveSum(unsigned, number), "\(unsigned) + \(number), \(random)")
    }
  }

  @Test("the difference of equal values is -0.0, and adding it changes no bit")
  func equalValues() {
    func check<T: VoxelScalar>(_ values: [T]) {
      for value in values {
        let difference = value.difference(from: value)
        #expect(difference == 0 && difference.sign == .minus, "\(value), \(T.self)")
        #expect(value.adding(difference) == value, "\(value), \(T.self)")
      }
    }
    func checkInteger<T: VoxelScalar & FixedWidthInteger>(_: T.Type) { check(extremes(T.self)) }
    forEachInteger { checkInteger($0) }
    check([0, -0.0, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1] as [Float])
    check(
      [0, -0.0, .infinity, -.infinity, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 0.1] as [Double])
    #expect((-0.0 as Float).adding(-0.0).sign == .minus)
    #expect((0.0 as Float).adding(-0.0).sign == .plus)
  }

  @Test("differences of floats lead back where Double holds them")
  func floatDifferences() {
    for var random in SplitMix64.cases(500, from: 5000) {
      let base = Float.random(in: -1000...1000, using: &random)
      let value = Float.random(in: -1000...1000, using: &random)
      #expect(base.adding(value.difference(from: base)) == value, "\(value) from \(base), \(random)")
    }
    #expect(Float.nan.difference(from: 1).isNaN)
    #expect(Float(1).adding(.nan).isNaN)
  }

  @Test("the value as a Double")
  func double() {
    #expect(UInt8(200).double == 200 && Int64.min.double == -0x1p63 && UInt64.max.double == 0x1p64)
    #expect(Float(0.5).double == 0.5)
  }
}

extension VoxelScalarTests {
  /// Numbers around every limit of every type, halves, tiny and huge ones, infinities and NaN.
  fileprivate static let numbers: [Double] = {
    let limits = [0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 53, 63, 64, 65, 100].map {
      Double(sign: .plus, exponent: $0, significand: 1)
    }
    let near = limits.flatMap { (limit: Double) -> [Double] in
      let shifts: [Double] = [-1, 1, -0.5, 0.5]
      return [limit, limit.nextUp, limit.nextDown] + shifts.map { limit + $0 } + [limit * 1.25]
    }
    let positive = near + [0.4, 0.5.nextDown, 2.5, 99.5, 1e300, .leastNonzeroMagnitude, .infinity]
    return positive + positive.map { -$0 } + [0, -0.0, .nan]
  }()

  /// Values at and around the limits and the middle of a type.
  fileprivate func extremes<T: FixedWidthInteger>(_: T.Type) -> [T] {
    let middle: T = T.max / 2
    let last: T = T.max
    let nearMiddle: [T] = [middle - 1, middle, middle + 1]
    let small: [T] = [0, 1, 2, 100] + nearMiddle + [last - 2, last - 1, last]
    let negative: [T] = T.isSigned ? small.map { 0 - $0 } + [.min, .min + 1] : []
    let limit: Int = 1 << 53
    let large: [T] = [limit - 1, limit, limit + 1].compactMap { T(exactly: $0) }
    return small + negative + large
  }

  /// A number rounded to nearest, ties to even, as an integer in which nothing overflows; `nil` for NaN.
  fileprivate func rounded(_ number: Double) -> Int128? {
    if number.isNaN { return nil }
    if number.magnitude >= 0x1p100 { return number < 0 ? -(1 << 100) : 1 << 100 }
    let whole = Int128(number)
    let rest = number - Double(whole)
    if rest.magnitude < 0.5 || (rest.magnitude == 0.5 && whole.isMultiple(of: 2)) { return whole }
    return number < 0 ? whole - 1 : whole + 1
  }

  fileprivate func naiveNearest<T: FixedWidthInteger>(_ number: Double, _: T.Type) -> T {
    T(clamping: rounded(number) ?? 0)
  }

  fileprivate func naiveSum<T: FixedWidthInteger>(_ base: T, _ number: Double) -> T {
    guard let step = rounded(number) else { return 0 }
    return T(clamping: Int128(base) + step)
  }
}
