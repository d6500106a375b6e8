import * as typeorm from "typeorm";
import * as online from "../online/index.ts";

/** A module that migrations get from the migrator itself, whether or not a node_modules has it. */
interface Provided {
  exports: object;
  /**
   * Its types. TypeORM's generator writes `import { MigrationInterface, QueryRunner } from "typeorm"`, and Node, which
   * only blanks types out, leaves that import as it is: so these names must exist.
   */
  types: readonly string[];
}

const words = (text: string) => text.trim().split(/\s+/);

const typeormTypes = words(`
  AfterQueryEvent BeforeQueryEvent ColumnOptions ColumnType DataSourceOptions DatabaseType DeepPartial Driver
  EntityOptions EntitySchemaColumnOptions EntitySchemaIndexOptions EntitySchemaRelationOptions
  EntitySubscriberInterface EntityTarget Feature FeatureCollection FileLoggerOptions FindManyOptions FindOneOptions
  FindOperatorType FindOptionsOrder FindOptionsOrderProperty FindOptionsOrderValue FindOptionsRelations
  FindOptionsRelationsProperty FindOptionsSelect FindOptionsSelectProperty FindOptionsWhere FindOptionsWhereProperty
  FindTreeOptions GeoJSON Geography Geometry GeometryCollection IndexOptions InsertEvent JoinColumnOptions
  JoinTableOptions LineString LoadEvent LogLevel LogMessage LogMessageFormat LogMessageType Logger LoggerOptions
  MigrationInterface MixedList MultiLineString MultiPoint MultiPolygon NamingStrategyInterface ObjectLiteral ObjectType
  OrderByCondition Point Polygon Position PrepareLogMessagesOptions PrimaryColumnOptions QueryDeepPartialEntity
  QueryEvent QueryPartialEntity QueryRunner RecoverEvent Relation RelationOptions RemoveEvent RemoveOptions
  ReplicationMode ReturningOption SaveOptions SoftRemoveEvent TableCheckOptions TableColumnOptions
  TableExclusionOptions TableForeignKeyOptions TableIndexOptions TableOptions TableUniqueOptions
  TransactionCommitEvent TransactionRollbackEvent TransactionStartEvent UpdateEvent UpdateOptions UpsertOptions
  ValueTransformer ViewOptions WhereExpressionBuilder`);

const onlineTypes = words(`
  BatchedResult BatchedSpec CheckOptions ForeignKeyOptions IndexOptions IndexPart MigrationContext NotNullOptions
  ReferentialAction RenameOptions UniqueOptions`);

export const provided: ReadonlyMap<string, Provided> = new Map([
  ["typeorm", { exports: typeorm, types: typeormTypes }],
  ["@schema-rollout/migrator/online", { exports: online, types: onlineTypes }],
]);
