import Testing
import Voxtile

@Suite("Scalar type") struct ScalarTypeTests {
  @Test("names, Swift types and sizes belong together", arguments: ScalarType.allCases)
  func consistency(scalar: ScalarType) {
    func check<T: VoxelScalar>(_ type: T.Type) {
      #expect(T.scalarType == scalar)
      #expect(MemoryLayout<T>.size == scalar.byteCount)
      #expect(scalar.isInteger == (type is any FixedWidthInteger.Type))
    }
    check(scalar.type)
    #expect(ScalarType(rawValue: scalar.rawValue) == scalar)
    let bits = scalar.rawValue.drop { $0.isLetter }
    #expect(Int(bits) == 8 * scalar.byteCount)
    #expect(scalar.rawValue.hasPrefix("float") == !scalar.isInteger)
  }

  @Test("there are ten types")
  func all() {
    #expect(Set(ScalarType.allCases.map { ObjectIdentifier($0.type) }).count == 10)
  }
}
