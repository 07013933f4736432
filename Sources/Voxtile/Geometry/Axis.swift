/// One of the three named axes of an image. `x` runs fastest in memory.
public enum Axis: String, CaseIterable, Hashable, Sendable, Codable {
  /// Along a row; the axis that runs fastest in memory.
  case x
  /// From row to row.
  case y
  /// From slice to slice.
  case z

  /// What a person calls the size along this axis: `width`, `height` or `depth`.
  public var sizeName: String {
    switch self {
    case .x: "width"
    case .y: "height"
    case .z: "depth"
    }
  }

  /// The place of the axis in lists that have x first: 0, 1 or 2.
  package var index: Int {
    switch self {
    case .x: 0
    case .y: 1
    case .z: 2
    }
  }
}

/// One value for each axis.
///
///     let stride = PerAxis(x: 64, y: 64, z: 32)
///     stride[.z]  // 32
public struct PerAxis<Value> {
  /// The value along the axis that runs fastest in memory.
  public var x: Value
  /// The value along the rows.
  public var y: Value
  /// The value along the slices.
  public var z: Value

  /// Creates three values, one per axis.
  public init(x: Value, y: Value, z: Value) {
    self.x = x
    self.y = y
    self.z = z
  }

  /// Creates the same value for every axis.
  public init(_ value: Value) {
    self.init(x: value, y: value, z: value)
  }

  /// The value of one axis.
  public subscript(axis: Axis) -> Value {
    get {
      switch axis {
      case .x: x
      case .y: y
      case .z: z
      }
    }
    set {
      switch axis {
      case .x: x = newValue
      case .y: y = newValue
      case .z: z = newValue
      }
    }
  }

  /// Three new values, each made from the axis and its value.
  public func map<Result, Failure: Error>(
    _ transform: (Axis, Value) throws(Failure) -> Result
  ) throws(Failure) -> PerAxis<Result> {
    PerAxis<Result>(x: try transform(.x, x), y: try transform(.y, y), z: try transform(.z, z))
  }

  /// The three values, x first.
  public var all: [Value] { [x, y, z] }
}

extension PerAxis: Equatable where Value: Equatable {}
extension PerAxis: Hashable where Value: Hashable {}
extension PerAxis: Sendable where Value: Sendable {}
