/* SPDX-License-Identifier: MIT */
#include "run/project_keys.h"

#include <math.h>
#include <stddef.h>

#define AT(field) offsetof(struct cao_project, field)
#define NONE      ((double)NAN)

/* name, type, unit, default, min, max, choices, help, help in Chinese, source */
/* clang-format off */
static const struct cao_key_row rows[] = {
    { { "name", "text", "", "", NONE, NONE, "", "name of the project, written into the results; without it the file's name", "项目名称，写入结果；缺省为文件名", "" }, CAO_KEY_TEXT, AT(name), 0, 0 },
    { { "language", "choice", "", "en", NONE, NONE, "en|zh", "language of the headings in the CSV table", "CSV表头语言", "" }, CAO_KEY_CHOICE, AT(language), 0, CAO_ENGLISH },
    { { "imagery", "list of folders", "", NULL, NONE, NONE, "", "folders with satellite products; searched with all folders below them", "存放卫星影像产品的文件夹，含子文件夹", "" }, CAO_KEY_FOLDERS, AT(imagery), AT(n_imagery), 0 },
    { { "sensors", "list of sensors", "", "", NONE, NONE, "", "products of other families, described by their file names", "其他卫星产品：按文件名规则声明", "" }, CAO_KEY_SENSORS, AT(sensors), AT(n_sensors), 0 },
    { { "sensors[].name", "text", "", NULL, NONE, NONE, "", "what the family is called in results", "名称", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "sensors[].files", "pattern", "", NULL, NONE, NONE, "", "pattern of the file names: * any text, {date} the date, {band} the name of the band (a file per band), {tile} letters and digits; files that differ in {band} alone are one product", "文件名规则：* 任意，{date} 日期，{band} 波段名（每波段一文件），{tile} 分幅号", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "sensors[].date", "text", "", "YYYYMMDD", NONE, NONE, "", "form of {date}: Y M D h m s stand for digits, J for those of the day of the year", "日期格式：Y M D h m s，J 为年积日", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "sensors[].utc_offset", "number", "h", "0", -14, 14, "", "how far clock times in the names are ahead of UTC: 8 for Beijing", "文件名中时刻与UTC之差，北京时间为8", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "sensors[].bands", "map", "", NULL, NONE, NONE, "", "band of the file, or word in place of {band}, by letter: {B: 1, G: 2, R: 3, N: 4}, or both: {R: 'BOA:3'}; letters A B G Y R RE1 RE2 RE3 N N2 S1 S2, and NDVI EVI for ready-made indices", "各波段在文件中的序号，或 {band} 的取值", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "sensors[].scale", "number", "", NULL, 1e-9, 1e3, "", "reflectance = scale x DN + offset; or gaofen: rectified digital numbers of GF-1 or GF-6 WFV, brought to top-of-atmosphere reflectance by the gains of the year and the product's XML, which lies beside", "反射率 = scale × DN + offset；取 gaofen 时按年度定标系数与产品XML将GF-1/6 WFV的DN转为表观反射率", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "sensors[].gains", "map", "", "", 1e-4, 10, "", "with scale: gaofen, gains of a year that is not built in: {B: 0.17, G: 0.15, R: 0.12, N: 0.13}", "scale 为 gaofen 时，未内置年份的定标系数", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "sensors[].offset", "number", "", "0", -1e4, 1e4, "", "added after the scale", "乘以 scale 之后的加项", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "sensors[].nodata", "number", "", "", NONE, NONE, "", "DN without data; without it what the file says", "无数据的DN；缺省取文件所记", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "sensors[].saturated", "number", "", "", NONE, NONE, "", "DN at and above which a pixel is saturated", "达到即饱和的DN", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "sensors[].qa", "map", "", "", NONE, NONE, "", "quality layer and its codes: {band: 5, cloud: [4], shadow: 'bit 3', snow: 'bits 8-9 = 2'}", "质量层及其编码", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "sensors[].cloud_above", "map", "", "", NONE, NONE, "", "instead of a quality layer, a simple test: what is brighter in the band counts as cloud, snow too: {B: 0.25}", "无质量层时的简单亮度判云（雪亦被判为云）：{B: 0.25}", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "gaofen.dem", "path", "", "", NONE, NONE, "", "elevation model, m, that reaches beyond the images: by it and their camera model (.rpb) raw (Level 1A) images of GF-1, GF-6 and HJ-2 are rectified while they are read; without it they are refused", "数字高程模型（米），范围须大于影像：读取高分一号/六号、环境二号L1A影像时据此与其RPC（.rpb）正射校正；缺省则不用L1A影像", "" }, CAO_KEY_FILE, AT(gaofen_dem), 0, 0 },
    { { "gaofen.dem_shift", "number", "m", "0", -200, 200, "", "added to the model's heights: where they are above the sea, the height of the geoid over the ellipsoid, some -60 to -30 in Qinghai", "加到高程上的改正：高程为海拔时取大地水准面高（青海约 -60 至 -30）", "" }, CAO_KEY_NUMBER, AT(gaofen_dem_shift_m), 0, 0 },
    { { "gaofen.gains", "path", "", "", NONE, NONE, "", "file of gains by camera and year; without it the installed one, calibration/gaofen.yaml, which may be copied and completed", "定标系数文件（按相机与年份）；缺省用随程序安装的 calibration/gaofen.yaml，可复制后补充", "CRESDA's yearly notice" }, CAO_KEY_FILE, AT(gaofen_gains), 0, 0 },
    { { "gaofen.nearest_year", "true or false", "", "false", NONE, NONE, "", "where the gains of a year are not known, use those of the nearest year; without it such images are refused", "缺当年定标系数时采用最近年份；缺省则不用该影像", "" }, CAO_KEY_SWITCH, AT(gaofen_nearest_year), 0, 0 },
    { { "gaofen.cloud_above", "number", "1", "0.25", 0.01, 2, "", "raw images without a mask of their own (NAME_cloud.tif, in the image's pixels: 1 cloud, 2 shadow, 3 snow, 4 water, 255 outside): blue top-of-atmosphere reflectance above which a pixel counts as cloud, a simple test that takes snow and bright soil too", "无云掩膜（NAME_cloud.tif）时的简单亮度判云：蓝光表观反射率高于此值判为云（雪与亮土亦被判入）", "" }, CAO_KEY_NUMBER, AT(gaofen_cloud_above), 0, 0 },
    { { "pastures.file", "path", "", NULL, NONE, NONE, "", "layer of pasture polygons: GeoPackage, Shapefile, GeoJSON, ...", "草场（牧户）多边形图层：GeoPackage、Shapefile、GeoJSON等", "" }, CAO_KEY_FILE, AT(pastures_file), 0, 0 },
    { { "pastures.layer", "text", "", "", NONE, NONE, "", "name of the layer, where the file holds several", "文件含多个图层时的图层名", "" }, CAO_KEY_TEXT, AT(pastures_layer), 0, 0 },
    { { "pastures.id", "text", "", NULL, NONE, NONE, "", "column with the pasture's id, kept as text", "草场编号字段，按文本处理，保留前导零", "" }, CAO_KEY_TEXT, AT(pastures_id), 0, 0 },
    { { "pastures.name", "text", "", "", NONE, NONE, "", "column with a name", "名称字段", "" }, CAO_KEY_TEXT, AT(pastures_name), 0, 0 },
    { { "pastures.type", "text", "", "", NONE, NONE, "", "column with the grassland type (code, Chinese name or alias of the profile)", "草地类型字段（配置中的代码、中文名或别名）", "" }, CAO_KEY_TEXT, AT(pastures_type), 0, 0 },
    { { "pastures.season", "text", "", "", NONE, NONE, "", "column with the grazing season", "放牧季节字段", "" }, CAO_KEY_TEXT, AT(pastures_season), 0, 0 },
    { { "pastures.degradation", "text", "", "", NONE, NONE, "", "column with the grade of degradation (word of the profile's degradation table), which lowers the proper use", "退化等级字段（配置 degradation 表中的词），按等级折减利用率", "" }, CAO_KEY_TEXT, AT(pastures_grade), 0, 0 },
    { { "pastures.zone", "text", "", "", NONE, NONE, "", "column with the zone of policy: banned (禁牧), rested (休牧), balanced (草畜平衡), rotational (轮牧)", "政策分区字段：禁牧、休牧、草畜平衡、轮牧", "" }, CAO_KEY_TEXT, AT(pastures_zone), 0, 0 },
    { { "pastures.crs", "text", "", "", NONE, NONE, "", "coordinate system of a layer that has none, such as EPSG:4490", "图层缺坐标系时指定，如 EPSG:4490", "" }, CAO_KEY_TEXT, AT(pastures_crs), 0, 0 },
    { { "pastures.encoding", "text", "", "", NONE, NONE, "", "encoding of a Shapefile's attributes, where it is not told right", "Shapefile属性编码，如 GBK", "" }, CAO_KEY_TEXT, AT(pastures_encoding), 0, 0 },
    { { "pastures.where", "text", "", "", NONE, NONE, "", "use only pastures for which this holds, such as county = '玛多县'", "只用满足条件的草场，如 county = '玛多县'", "" }, CAO_KEY_TEXT, AT(pastures_where), 0, 0 },
    { { "pastures.groups", "list of text", "", "", NONE, NONE, "", "columns carried through to the results, such as township and village", "带入结果的字段，如乡镇、村", "" }, CAO_KEY_TEXTS, AT(pastures_groups), AT(n_pastures_groups), 0 },
    { { "type_layer.file", "path", "", "", NONE, NONE, "", "grassland type by place instead of by pasture: a polygon layer, or a GeoTIFF of class codes; where it says nothing, the pasture's own holds", "按位置而非按草场给出草地类型：多边形图层，或分类编码GeoTIFF；未覆盖处取草场字段", "" }, CAO_KEY_FILE, AT(ground[0].file), 0, 0 },
    { { "type_layer.layer", "text", "", "", NONE, NONE, "", "name of the layer, where the file holds several", "文件含多个图层时的图层名", "" }, CAO_KEY_TEXT, AT(ground[0].layer), 0, 0 },
    { { "type_layer.field", "text", "", "", NONE, NONE, "", "column of a polygon layer with the grassland type", "多边形图层的草地类型字段", "" }, CAO_KEY_TEXT, AT(ground[0].field), 0, 0 },
    { { "type_layer.crs", "text", "", "", NONE, NONE, "", "coordinate system of a file that has none", "文件缺坐标系时指定", "" }, CAO_KEY_TEXT, AT(ground[0].crs), 0, 0 },
    { { "type_layer.classes", "map", "", "", NONE, NONE, "", "what the codes of a raster mean, such as {1: alpine_meadow, 2: 高寒草原, 9: none}; none is no grassland and bears no forage", "栅格编码含义，如 {1: alpine_meadow, 2: 高寒草原, 9: none}；none 为非草地", "" }, CAO_KEY_CLASSES, AT(ground[0].classes), AT(ground[0].n_classes), 0 },
    { { "degradation_layer.file", "path", "", "", NONE, NONE, "", "grade of degradation by place instead of by pasture: a polygon layer, or a GeoTIFF of class codes; where it says nothing, the pasture's own holds", "按位置而非按草场给出退化等级：多边形图层，或分类编码GeoTIFF；未覆盖处取草场字段", "" }, CAO_KEY_FILE, AT(ground[1].file), 0, 0 },
    { { "degradation_layer.layer", "text", "", "", NONE, NONE, "", "name of the layer, where the file holds several", "文件含多个图层时的图层名", "" }, CAO_KEY_TEXT, AT(ground[1].layer), 0, 0 },
    { { "degradation_layer.field", "text", "", "", NONE, NONE, "", "column of a polygon layer with the grade of degradation", "多边形图层的退化等级字段", "" }, CAO_KEY_TEXT, AT(ground[1].field), 0, 0 },
    { { "degradation_layer.crs", "text", "", "", NONE, NONE, "", "coordinate system of a file that has none", "文件缺坐标系时指定", "" }, CAO_KEY_TEXT, AT(ground[1].crs), 0, 0 },
    { { "degradation_layer.classes", "map", "", "", NONE, NONE, "", "what the codes of a raster mean, such as {1: slight, 2: moderate, 3: severe}", "栅格编码含义，如 {1: slight, 2: moderate, 3: severe}", "" }, CAO_KEY_CLASSES, AT(ground[1].classes), AT(ground[1].n_classes), 0 },
    { { "zone_layer.file", "path", "", "", NONE, NONE, "", "zone of policy by place instead of by pasture: a polygon layer, or a GeoTIFF of class codes; where it says nothing, the pasture's own holds", "按位置而非按草场给出政策分区：多边形图层，或分类编码GeoTIFF；未覆盖处取草场字段", "" }, CAO_KEY_FILE, AT(ground[2].file), 0, 0 },
    { { "zone_layer.layer", "text", "", "", NONE, NONE, "", "name of the layer, where the file holds several", "文件含多个图层时的图层名", "" }, CAO_KEY_TEXT, AT(ground[2].layer), 0, 0 },
    { { "zone_layer.field", "text", "", "", NONE, NONE, "", "column of a polygon layer with the zone of policy", "多边形图层的政策分区字段", "" }, CAO_KEY_TEXT, AT(ground[2].field), 0, 0 },
    { { "zone_layer.crs", "text", "", "", NONE, NONE, "", "coordinate system of a file that has none", "文件缺坐标系时指定", "" }, CAO_KEY_TEXT, AT(ground[2].crs), 0, 0 },
    { { "zone_layer.classes", "map", "", "", NONE, NONE, "", "what the codes of a raster mean, such as {1: banned, 2: balanced}", "栅格编码含义，如 {1: banned, 2: balanced}", "" }, CAO_KEY_CLASSES, AT(ground[2].classes), AT(ground[2].n_classes), 0 },
    { { "terrain.dem", "path", "", "", NONE, NONE, "", "elevation, m, GeoTIFF: reduces the use of steep ground (and of high ground, where the profile has terrain.altitude) by the tables of the profile", "数字高程GeoTIFF：按配置 terrain 表折减陡坡（及高海拔）的可利用比例", "" }, CAO_KEY_FILE, AT(terrain_dem), 0, 0 },
    { { "terrain.crs", "text", "", "", NONE, NONE, "", "coordinate system of a file that has none", "文件缺坐标系时指定", "" }, CAO_KEY_TEXT, AT(terrain_crs), 0, 0 },
    { { "livestock.file", "path", "", "", NONE, NONE, "", "livestock table, CSV or XLSX; without it only capacity is given", "家畜表，CSV或XLSX；无则只计算载畜量", "" }, CAO_KEY_FILE, AT(livestock_file), 0, 0 },
    { { "livestock.sheet", "text", "", "", NONE, NONE, "", "sheet of an XLSX; without it the first", "XLSX工作表名；缺省为第一个", "" }, CAO_KEY_TEXT, AT(livestock_sheet), 0, 0 },
    { { "livestock.id", "text", "", "", NONE, NONE, "", "column with the pasture's id; without it that of pastures.id", "草场编号列；缺省同 pastures.id", "" }, CAO_KEY_TEXT, AT(livestock_id), 0, 0 },
    { { "livestock.species", "text", "", "species", NONE, NONE, "", "column with the species, one row per pasture and species", "畜种列（一行一畜种）", "" }, CAO_KEY_TEXT, AT(livestock_species), 0, 0 },
    { { "livestock.heads", "text", "", "heads", NONE, NONE, "", "column with the number of heads", "头数列", "" }, CAO_KEY_TEXT, AT(livestock_heads), 0, 0 },
    { { "livestock.columns", "list of text", "", "", NONE, NONE, "", "instead of species and heads: columns named after species, holding heads", "宽表：以畜种命名的各头数列，代替 species 与 heads", "" }, CAO_KEY_TEXTS, AT(livestock_columns), AT(n_livestock_columns), 0 },
    { { "grid.crs", "text", "", "auto", NONE, NONE, "", "coordinate system of the results, projected, in metres; auto: the UTM zone of the pastures' middle", "结果坐标系（投影，米）；auto 为草场中心所在UTM带", "" }, CAO_KEY_TEXT, AT(grid_crs), 0, 0 },
    { { "grid.resolution", "number", "m", "10", 1, 10000, "", "cell size", "像元大小", "" }, CAO_KEY_NUMBER, AT(grid_resolution_m), 0, 0 },
    { { "grid.origin", "point", "m", "", NONE, NONE, "", "x and y of a corner of the tile lattice; without it that of the Sentinel-2 tile there", "瓦片格网起点 x, y；缺省取该处哨兵二号分幅角点", "" }, CAO_KEY_POINT, AT(grid_origin), 0, 0 },
    { { "grid.tile", "integer", "px", "2048", 256, 8192, "", "cells along a tile, a multiple of 256", "瓦片边长，256的倍数", "" }, CAO_KEY_INTEGER, AT(grid_tile_px), 0, 256 },
    { { "periods", "list of periods", "", NULL, NONE, NONE, "", "one set of results for each", "时段，每个时段一套结果", "" }, CAO_KEY_PERIODS, AT(periods), AT(n_periods), 0 },
    { { "periods[].name", "text", "", "", NONE, NONE, "", "names the folder of its results; with every it is put before the names of the pieces, and may be left out", "时段名，即结果文件夹名；与 every 合用时为各段名的前缀，可省", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "periods[].from", "date", "", NULL, NONE, NONE, "", "first day, YYYY-MM-DD; with years MM-DD", "起始日；与 years 合用时写作 MM-DD", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "periods[].to", "date", "", NULL, NONE, NONE, "", "last day; with years one before from is of the year after", "终止日；与 years 合用时早于起始日则属次年", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "periods[].every", "choice", "", "", NONE, NONE, "month|10d|8d|16d|year", "cuts the range into a period for each month (2024-07), third of a month (2024-07-11), 8 or 16 days of the year as MODIS has them (2024-D193), or year (2024)", "将起止日之间按月、旬（10d）、8日或16日（同MODIS，自年初起）、年切分，每段一个时段", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "periods[].years", "list of years", "", "", NONE, NONE, "", "years in which from and to are taken: 2024, 2020-2024 or [2018, 2020-2024]", "起止日所取的年份：2024、2020-2024 或 [2018, 2020-2024]", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "composite", "choice", "", "max-ndvi", NONE, NONE, CAO_COMPOSITE_NAMES, "how the clear looks of a period become one picture; 'caochu list composites' describes each", "时段合成方法，说明见 caochu list composites", "max-ndvi: the Chinese practice for grass yield (Huang et al. 2020)" }, CAO_KEY_COMPOSITE, AT(composite), 0, 0 },
    { { "percentile", "number", "", "50", 0, 100, "", "which one the composite percentile takes", "composite 取 percentile 时的百分位", "" }, CAO_KEY_NUMBER, AT(composite_settings.percentile), 0, 0 },
    { { "target_day", "integer", "d", "217", 1, 366, "", "day of the year that the looks of the composite bap should be near to, and from which days_to_target is counted", "composite 取 bap 时的目标日（年积日），亦为 days_to_target 的起算日", "middle of the peak season of Qinghai, days 205 to 230 (unsure: check it against your plots)" }, CAO_KEY_INTEGER, AT(target_day), 0, 0 },
    { { "bap.day_weight", "number", "1", "1", 0, 100, "", "weight of nearness to target_day in the score of the composite bap", "bap 得分中季节的权重", "FORCE (Frantz 2019)" }, CAO_KEY_NUMBER, AT(composite_settings.day_weight), 0, 0 },
    { { "bap.day_spread", "number", "d", "20", 1, 366, "", "standard deviation of the season's Gaussian: its score is 0.61 one spread from target_day and 0.01 three from it", "季节高斯得分的标准差", "FORCE's default, 0.01 at 60 days from the target" }, CAO_KEY_NUMBER, AT(composite_settings.day_spread), 0, 0 },
    { { "bap.cloud_weight", "number", "1", "0.4", 0, 100, "", "weight of the distance to cloud, shadow and cirrus", "bap 得分中离云距离的权重", "FORCE (Frantz 2019)" }, CAO_KEY_NUMBER, AT(composite_settings.cloud_weight), 0, 0 },
    { { "bap.cloud_distance", "number", "m", "500", 0, 5000, "", "from that distance on a cloud costs nothing; each look is read that far around a tile", "超过该距离云不再扣分；每次观测按此距离外扩读取", "FORCE has 3000 m; 500 m keeps the margin narrow" }, CAO_KEY_NUMBER, AT(composite_settings.cloud_distance_m), 0, 0 },
    { { "bap.haze_weight", "number", "1", "0.3", 0, 100, "", "weight of clearness by the haze-optimised transform of blue and red; of no weight for looks without blue", "bap 得分中霾的权重（蓝、红波段的HOT变换），无蓝波段时不计", "FORCE (Frantz 2019)" }, CAO_KEY_NUMBER, AT(composite_settings.haze_weight), 0, 0 },
    { { "nir", "choice", "", "wide", NONE, NONE, "wide|narrow", "near infrared of Sentinel-2: wide is B8 (10 m), narrow B8A (20 m, nearer to Landsat)", "哨兵二号近红外：wide 为B8（10米），narrow 为B8A（20米，接近Landsat）", "" }, CAO_KEY_CHOICE, AT(nir), 0, CAO_BAND_N },
    { { "bandpass", "choice", "", "none", NONE, NONE, "none|oli", "whose bands reflectance is brought to: with oli that of Sentinel-2 and Landsat 7 becomes what Landsat 8 would see, so that a mixed series has no steps; needs nir: narrow", "波段响应归一：取 oli 时将哨兵二号与Landsat 7反射率调整为Landsat 8，需 nir: narrow", "HLS (Claverie et al. 2018); Roy et al. 2016" }, CAO_KEY_CHOICE, AT(bandpass), 0, CAO_BANDPASS_NONE },
    { { "mask", "list of choice", "", "[saturated, cloud, shadow, cirrus, snow, dark]", NONE, NONE, "saturated|cloud|shadow|cirrus|snow|water|dark|aerosol_high", "what is taken out of each look by its quality layer", "按质量层剔除的像元", "Sentinel-2 SCL classes 4 to 7 are kept" }, CAO_KEY_REASONS, AT(mask_removes), 0, 0 },
    { { "snow", "true or false", "", "false", NONE, NONE, "", "maps of the share of looks at the ground that show snow and of the days of snow that follow from it, and their mean per pasture", "另出积雪频率与积雪日数图，并按草场统计", "" }, CAO_KEY_SWITCH, AT(snow), 0, 0 },
    { { "mask_dilation", "number", "m", "0", 0, 2000, "", "how far around pixels of cloud and cloud shadow is taken out too", "云与云影像元向外扩展剔除的距离", "" }, CAO_KEY_NUMBER, AT(mask_dilation_m), 0, 0 },
    { { "indices", "list of index", "", "[NDVI, EVI, MSAVI2, NDMI]", NONE, NONE, "", "vegetation indices to compute, by name or as an expression of your own; NDVI is always among them; 'caochu list indices' lists them", "计算的植被指数：名称，或自定义表达式；总包含NDVI；见 caochu list indices", "" }, CAO_KEY_INDICES, AT(indices), AT(n_indices), 0 },
    { { "indices[].name", "text", "", NULL, NONE, NONE, "", "what an index of your own is called: names its raster and columns, and can be a profile's yield.index", "自定义指数的名称，用于栅格与表列，也可作配置的 yield.index", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "indices[].expression", "text", "", NULL, NONE, NONE, "", "formula over the bands A B G Y R RE1 RE2 RE3 N N2 WV S1 S2 T1 and constants, with + - * / ^ ( ), sqrt abs min max exp ln log10 tanh, and names of indices: '2.5*(N-R)/(N+6*R-7.5*B+L)'", "波段与常数的公式：+ - * / ^ ( )，sqrt abs min max exp ln log10 tanh，亦可用指数名", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "indices[].constants", "map", "", "", NONE, NONE, "", "its constants by name: {L: 1}", "公式中的常数", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "indices[].range", "pair", "", NULL, NONE, NONE, "", "[lowest, highest] value: what lies beyond is set to it, and it decides the steps that rasters are stored in", "取值范围 [最小, 最大]，超出者取端值，并决定整型栅格的步长", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "indices[].unit", "text", "", "1", NONE, NONE, "", "its unit", "单位", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "indices[].source", "text", "", "", NONE, NONE, "", "where it comes from: a paper, a standard", "依据", "" }, CAO_KEY_PART, 0, 0, 0 },
    { { "fvc.end_members", "path", "", "", NONE, NONE, "", "file with the NDVI of bare soil and of full cover by grassland type, as 'caochu fvc-baseline' makes it from a baseline period; types that it lacks, and without it all, take the profile's", "植被覆盖度端元（裸土与全覆盖NDVI）文件，由 caochu fvc-baseline 按基准时段生成；缺省取配置", "" }, CAO_KEY_FILE, AT(fvc_end_members), 0, 0 },
    { { "fvc.form", "choice", "", "linear", NONE, NONE, "linear|squared", "vegetation cover as the share of the way from bare soil to full cover, or its square", "覆盖度取线性像元二分，或其平方", "linear: Gutman & Ignatov 1998; squared: Carlson & Ripley 1997" }, CAO_KEY_CHOICE, AT(fvc_form), 0, CAO_FVC_LINEAR },
    { { "profile", "text", "", "nyt635-2015", NONE, NONE, "", "the standard: name of an installed profile of coefficients, or path of your own", "标准：已安装的系数配置名，或自有配置的路径", "NY/T 635-2015" }, CAO_KEY_TEXT, AT(profile), 0, 0 },
    { { "yield_set", "text", "", "", NONE, NONE, "", "set of yield equations of the profile; without it the profile's default", "产量方程组；缺省取配置的默认", "" }, CAO_KEY_TEXT, AT(yield_set), 0, 0 },
    { { "yield_models", "path", "", "", NONE, NONE, "", "file of yield equations, as 'caochu calibrate' writes it; goes over the set for the types that it names", "产量方程文件（caochu calibrate 的输出）；其中列出的草地类型采用该文件的方程", "" }, CAO_KEY_FILE, AT(yield_models), 0, 0 },
    { { "wildlife_share", "number", "1", "", 0, 0.95, "", "share of usable forage kept for wild herbivores; without it the profile's", "为野生动物预留的可利用牧草比例；缺省取配置", "" }, CAO_KEY_NUMBER, AT(wildlife_share), 0, 0 },
    { { "min_valid_share", "number", "1", "", 0, 1, "", "share of a pasture that must be seen clearly for a verdict; without it the profile's", "给出结论所需的最小有效面积比例；缺省取配置", "" }, CAO_KEY_NUMBER, AT(min_valid_share), 0, 0 },
    { { "default_type", "text", "", "", NONE, NONE, "", "grassland type of pastures for which the layer gives none", "图层未给草地类型时采用的类型", "" }, CAO_KEY_TEXT, AT(default_type), 0, 0 },
    { { "default_season", "choice", "", "year-round", NONE, NONE, "year-round|warm|cold|spring-autumn|全年|暖季|冷季|春秋", "season of pastures for which the layer gives none", "图层未给季节时采用的季节", "" }, CAO_KEY_WORD, AT(default_season), 0, 0 },
    { { "year_type", "choice", "", "normal", NONE, NONE, "normal|dry|wet", "how the year was: in dry and wet years the edible share moves by the profile's edible_drift (DB63/T 2298); a profile without it refuses", "年景：按配置 edible_drift 调整可食比例（DB63/T 2298）；无此表的标准不接受", "" }, CAO_KEY_CHOICE, AT(year_type), 0, CAO_YEAR_NORMAL },
    { { "output.folder", "path", "", "results", NONE, NONE, "", "where the results go; made if it is not there", "结果文件夹，不存在则创建", "" }, CAO_KEY_FOLDER_OUT, AT(output_dir), 0, 0 },
    { { "output.products", "list of text", "", "", NONE, NONE, "", "rasters to write, such as [ndvi, yield_fresh, pressure_class]; without it all; tables do not depend on it", "要输出的栅格产品，如 [ndvi, yield_fresh, pressure_class]；缺省全部；表格不受影响", "" }, CAO_KEY_TEXTS, AT(output_products), AT(n_output_products), 0 },
    { { "output.info", "true or false", "", "false", NONE, NONE, "", "layers on the composite too: sensor and days_to_target of the chosen look, n_looks, masked_share, mask_reason", "另出合成信息图层：所选观测的传感器与距目标日天数、观测次数、被剔除比例、主要剔除原因", "" }, CAO_KEY_SWITCH, AT(output_info), 0, 0 },
    { { "output.float32", "true or false", "", "false", NONE, NONE, "", "rasters as 32-bit floats instead of scaled 16-bit integers", "栅格存为32位浮点，而非16位整数加比例", "" }, CAO_KEY_SWITCH, AT(output_float32), 0, 0 },
    { { "output.compression", "choice", "", "zstd", NONE, NONE, "zstd|deflate", "compression of the rasters; zstd is as small and several times faster, deflate is read by programs from before 2018 too", "栅格压缩方式；zstd 同样小而快数倍，deflate 可被2018年以前的软件读取", "" }, CAO_KEY_CHOICE, AT(output_compression), 0, CAO_ZSTD },
};
/* clang-format on */

enum { N_ROWS = sizeof rows / sizeof rows[0] };

const struct cao_key_row *cao_key_rows(size_t *n)
{
    *n = N_ROWS;
    return rows;
}

const struct cao_key *cao_project_key(size_t i)
{
    return i < N_ROWS ? &rows[i].key : NULL;
}
