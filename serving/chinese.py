"""The Chinese texts of ``serving.language``, by their English.

A text may take the values of its English one in another order (``{1} … {0}``) or leave some out.
"""

# Numbers of things, by the English singular.
COUNTED: dict[str, str] = {
    "basket": "{} 笔订单",
    "champion": "{} 个在用模型",
    "check": "{} 项检查",
    "comparison": "{} 项比较",
    "customer": "{} 位顾客",
    "day": "{} 天",
    "earlier window": "{} 个更早窗口",
    "input or score": "{} 个输入与评分",
    "known customer": "{} 位已知顾客",
    "landed row": "{} 行落地数据",
    "published figure": "{} 个已发布数字",
    "new customer": "{} 位新客",
    "place": "{} 处",
    "household": "{} 个家庭",
    "person": "{} 人",
    "prospect": "{} 位潜在顾客",
    "row": "{} 行",
    "store": "{} 家门店",
    "table": "{} 张表",
    "warning": "{} 条警告",
    "week": "{} 周",
}

# What scores say in words (scoring/customers).
PATTERNS: tuple[tuple[str, str], ...] = (
    (
        r"^last purchase (\d+) days? ago, usually every (\d+) days?",
        r"上次购买在 \1 天前，通常每 \2 天一次",
    ),
    (
        r"^last bought (\d+) days? ago, usually every (\d+) days$",
        r"上次购买在 \1 天前，通常每 \2 天一次",
    ),
    (r"^last bought (\d+) days? ago, usually every day$", r"上次购买在 \1 天前，通常每天一次"),
    (r"^last bought (\d+) days? ago$", r"上次购买在 \1 天前"),
    (r"^goes with (.+) and (.+)$", r"与\1、\2相伴"),
    (r"^goes with (.+)$", r"与\1相伴"),
    (r"^bought by (\d+)% of the customers$", r"\1% 的顾客购买"),
    (r"^last purchase (\d+) days? ago", r"上次购买在 \1 天前"),
    (
        r"^([\d.]+) purchases a month of late, ([\d.]+) on average",
        r"近期每月购买 \1 次，平均 \2 次",
    ),
    (r"^bought once, (\d+) days? ago", r"仅购买一次，在 \1 天前"),
    (r"^bought (\d+) times in (\d+) days?", r"\2 天内购买 \1 次"),
    (r"^a regular rhythm, longest gap (\d+) days?", r"节奏规律，最长间隔 \1 天"),
    (r"^an irregular rhythm, longest gap (\d+) days?", r"节奏不规律，最长间隔 \1 天"),
    (r"^no rhythm known yet", "尚无已知节奏"),
    (r"^spends ([\d.-]+) a purchase, ([\d.-]+) the last time", r"每次消费 \1，上次 \2"),
    (r"^(\d+) purchases in the same weeks a year ago", r"一年前同期购买 \1 次"),
    (r"^no purchases known of a year ago", "没有一年前的购买记录"),
    (r" \(raises churn\)$", "（流失风险升高）"),
    (r" \(lowers churn\)$", "（流失风险降低）"),
    (r"(\d+) customers, fewer than (\d+)", r"\1 位顾客，少于 \2"),
    (r"(\d+) customers, (?=\d|no past)", r"\1 位顾客，"),
    (r", no past window$", "，没有过往窗口"),
    (
        r"(\d+) past windows? of (\d+) days, shorter than the horizon",
        r"\1 个过往窗口，每个 \2 天，短于期限",
    ),
    (r"(\d+) past windows?", r"\1 个过往窗口"),
    (r"; the last window over again did better( in the past windows)?", "；沿用上一窗口的结果更好"),
    (
        r"survival from (\d+) months of history, without two years to compare",
        r"留存依据 \1 个月的历史，尚无两年可比较",
    ),
    (r"(\d+) months of history, under a year", r"历史只有 \1 个月，不足一年"),
    (
        r"dropout is not identified: no purchase model finds any(, from (\d+) months of history)?",
        "无法识别流失：没有购买模型发现流失",
    ),
    (r"no past window to compare with", "没有可比较的过往窗口"),
    (r"; none clearly better in the past windows", "；在过往窗口中没有明显更优者"),
    (r", so it was not compared with others", "，因此未与其他模型比较"),
    (r", nothing was compared", "，未作比较"),
    (
        r"lower loss than (\w+) in at least 95% of resamples of the past windows",
        r"在过往窗口至少 95% 的重抽样中损失低于 \1",
    ),
    (
        r"too few customers: (\d+) bought again, of the (\d+) that scores need",
        r"顾客太少：\1 位再次购买，评分需要 \2 位",
    ),
    (r"bought only more than a year before all others", "仅在他人之前一年多购买过"),
    (r"scoring not run", "未运行评分"),
    (r"no time observed after any first purchase", "首次购买之后没有观察时间"),
)

TEXTS: dict[str, str] = {
    # Who the customers are and what they do besides buying.
    "Who the customers are": "顾客是谁",
    "There are no customers to tell apart.": "没有可区分的顾客。",
    "Nothing tells the customers apart but what they buy; columns of customers such as "
    "age_band, gender, region and registered_at would fill this part.": (
        "除购买之外没有信息可区分顾客；顾客表的列（如 age_band、gender、region、registered_at）"
        "可补充此部分。"
    ),
    "Shares are of the customers of whom the attribute is known.": "占比以该属性已知的顾客为基数。",
    " Where the right bar is longer than the left one, a group is worth more than its "
    "number. Spend, purchases and categories are those of customers who bought within the "
    "last {} days; the range holds the true mean of the group in 99 of 100 cases, and a "
    "spend in colour is beyond what chance explains. A group that spends more need not do so "
    "because of its age or income.": (
        "右侧的条比左侧长，说明该群体的价值高于其人数。消费、购买次数与品类数只看最近 {} 天内购"
        "买过的顾客；区间在 100 次中有 99 次包含群体的真实均值，着色的消费超出偶然所能解释的范"
        "围。消费更多的群体不一定是因为其年龄或收入。"
    ),
    "{} is known of {} of the customers": "{1} 的顾客{0}已知",
    ", most often {} ({})": "，其中最多的是 {}（{}）",
    "; {} {}: {} a customer, {:.1f} times the average of those known": (
        "；{} {}：每位顾客消费 {}，是已知顾客均值的 {:.1f} 倍"
    ),
    "{}: share of customers": "{}：顾客占比",
    "Share of recent revenue": "近期收入占比",
    "{} {}: {}, {} of them bought": "{} {}：{}，其中 {} 位购买过",
    "Customers and revenue by {}": "按{}划分的顾客与收入",
    "{} others": "其他 {} 项",
    "Attribute": "属性",
    "Value": "取值",
    "Share of those known": "占已知顾客",
    "Bought": "购买过",
    "Spend a customer{}": "每位顾客消费{}",
    "Purchases": "购买次数",
    "Categories": "品类数",
    "Filled": "已填写",
    "Usable": "可用",
    "Filled but unusable": "已填写但不可用",
    "Days since it changed, median": "距上次变更天数（中位数）",
    "How complete the customer records are": "顾客资料的完整程度",
    "Not recorded: {}.": "没有记录：{}。",
    "Groups of very few customers are told together with the next larger one, so that nobody "
    "can be recognised.": "人数很少的群体与次小的群体合并显示，以免有人被认出。",
    "What customers do besides buying": "顾客在购买之外做什么",
    "Visits": "到访",
    "App opens": "打开应用",
    "Messages opened": "打开消息",
    "Messages clicked": "点击消息",
    "Reviews and survey answers": "评价与问卷",
    "Contacts with the service": "联系客服",
    "Coupons redeemed": "使用优惠券",
    "Days with other activities": "有其他活动的天数",
    "Messages sent to them": "收到消息",
    "Nothing is recorded of what customers do besides buying; activity, touchpoints, "
    "coupon_redemptions, surveys or tickets would fill this part.": (
        "没有记录顾客在购买之外的行为；activity、touchpoints、coupon_redemptions、surveys 或 "
        "tickets 可补充此部分。"
    ),
    "{}: {} in all, with {}": "{}：共 {} 次，{}",
    "What": "行为",
    "Times": "次数",
    "Times per customer": "每位顾客次数",
    "{} of the customers did something besides buying in the last {} days, {} in the {} days "
    "before": "最近 {1} 天内 {0} 的顾客有购买之外的互动，之前 {3} 天为 {2}",
    "{} of the customers were sent a message; what they did with it is not recorded": (
        "{} 的顾客收到过消息；没有记录他们如何回应"
    ),
    "{} of the customers ever did something besides buying": "{} 的顾客有过购买之外的互动",
    "A bar is the share of all customers with at least one, over all time. A kind that "
    "nobody has a record of is unknown, and not shown as zero.": (
        "条形为至少有一次的顾客占全部顾客的比例，不限时间。没有任何记录的行为视为未知，不显示为零。"
    ),
    "Customers by what they do besides buying": "按购买之外的行为划分的顾客",
    "Engagement": "互动",
    "Revenue of 12 months each": "每位顾客 12 个月收入",
    "The last window against the one before": "最近窗口与上一窗口相比",
    # Warnings and accounts.
    "Warnings": "警告",
    "{} warned; Data Docs say of what.": "{}发出警告，详情见 Data Docs。",
    "No check warns of anything.": "没有检查发出警告。",
    "The checks let the figures pass with {}": "检查放行了这些数字，但有{}",
    ", what matters most first.": "，最重要的在前。",
    "{:,} more, and examples of the rows: ": "另有 {:,} 条，以及各行示例：",
    "Examples of the rows: ": "各行示例：",
    "What is not as expected": "与预期不符之处（检查原文）",
    "Everything accounted for": "账目齐全",
    "Nothing has landed.": "没有落地数据。",
    "Revenue of {}{} ties out to the cent in {} of {} that report it": (
        "收入 {0}{1} 在 {3}报告中全部分毫不差"
    ),
    "Revenue does not tie out in {} of {} that report it": "{1}报告收入，其中 {0} 处对不上",
    "{}, every one accounted for": "{}，每一行都有去向",
    "{} of earlier months changed since the version before ({}): marts.restatements has which.": (
        "自上一版本以来，以前月份的{}有变化（{}）：见 marts.restatements。"
    ),
    "{} cannot be explained": "{}无法解释",
    "{} {} in quarantine": "{}被隔离",
    "none is in quarantine": "没有隔离的数据",
    "Accepted": "接受",
    "Duplicates": "重复",
    "Superseded": "被替代",
    "Quarantined": "隔离",
    "Net revenue": "净收入",
    "Amount": "金额",
    "Difference": "差额",
    "Revenue": "收入",
    " in {}": "（{}）",
    ", from the landing to every mart": "，从落地到每张集市表",
    "Landed table": "落地表",
    "Landed": "落地",
    "Rows, from the landing to the staging": "行数，从落地到暂存",
    "Without rows, so that what they tell is missing: {}.": "没有数据的表，因而缺少其内容：{}。",
    "✓ means no difference at all: landed = {}, and each mart adds up to the revenue that was "
    "expected.": "✓ 表示毫无差额：落地 = {}，且每张集市表合计等于预期收入。",
    ", with net revenue of {}{} ({} of what lines move)": "，净收入 {}{}（占明细流动额的 {}）",
    "Dated": "日期",
    "For example": "示例",
    "Quarantined in": "隔离于",
    "Reason": "原因",
    "Rows": "行数",
    "Why rows were kept back": "数据行被扣留的原因",
    "{} to {}": "{} 至 {}",
    "Of {}{} in returns and credits, ": "退货与退款共 {}{}，其中",
    # Points.
    "Loyalty points": "会员积分",
    "No points ledger has landed; the file points.csv would fill this part": (
        "尚未接收积分台账；文件 points.csv 可填充此部分"
    ),
    "{} points are outstanding": "尚有 {} 积分未使用",
    "; {} of all points earned will be redeemed": "；获得的积分中最终将有 {} 被兑换",
    " ({} to {})": "（{} 至 {}）",
    "; at that rate they cost {}": "；按此比率其成本为 {}",
    "Points earned": "获得积分",
    "Points redeemed": "兑换积分",
    "Points expired": "过期积分",
    "Points earned, redeemed and expired by month": "各月获得、兑换和过期的积分",
    "The rate is told by chain ladder on the months in which points were earned, with what was "
    "known at the time; the interval is a 90% one. The cost is points outstanding times the "
    "rate times the cost of a point; deferred revenue is what customers have paid for points "
    "that they have not redeemed yet.": (
        "比率按积分获得月份用链梯法估计，只用当时已知的数据；区间为 90% 区间。"
        "成本为未使用积分乘以比率再乘以每积分成本；"
        "递延收入是顾客已为尚未兑换的积分支付的金额。"
    ),
    "{} points were taken that the account never had; they stay apart.": (
        "有 {} 积分被扣减，而账户从未拥有；这些积分单独列示。"
    ),
    "{} points were taken back after they had been spent.": "有 {} 积分在使用之后被收回。",
    "Outstanding": "未使用",
    "Rate in the end": "最终兑换率",
    "Cost of redeeming": "兑换成本",
    "Deferred revenue": "递延收入",
    # Satisfaction and service.
    "Satisfaction and service": "满意度与服务",
    "Satisfaction": "满意度",
    "Not known: no survey answers have landed; the table service.surveys fills this.": (
        "未知：没有调查回答落地；表 service.surveys 可填补此处。"
    ),
    "{} of the answers are content ({} to {})": "{} 的回答表示满意（{} 至 {}）",
    "the net promoter score is {}": "净推荐值为 {}",
    "the net promoter score is {} of the whole base ({} to {})": (
        "整个客户群的净推荐值为 {}（{} 至 {}）"
    ),
    "most depends on {}": "最主要取决于{}",
    "Too few answers to tell how content customers are": "回答太少，无法判断顾客的满意程度",
    "Content are the two best answers of a scale of five or more, of the last twelve months; "
    "the line is the 95% interval. Weighted: who answers is not like the base, so every answer "
    "stands for the customers of its stage, spend and frequency. What drives overall "
    "satisfaction is divided among the dimensions (Shapley); the effect on returning is that "
    "of a point more among customers of the same rhythm and value.": (
        "满意指五级及以上量表中最好的两档，取最近十二个月；线是 95% 区间。"
        "加权：回答者与客户群不同，因此每个回答代表其阶段、消费和频次相同的顾客。"
        "总体满意度的驱动在各维度间分配（Shapley）；对回购的影响是节奏和价值相同的顾客中多一分的影响。"
    ),
    " What share answered cannot be told: who did not answer has not landed.": (
        "无法判断回答率：未落地谁没有回答。"
    ),
    "{}: {} of {} answers content": "{}：{} 满意，共 {} 个回答",
    "Content answers": "满意的回答",
    "Question": "问题",
    "Answers": "回答数",
    "As answered": "按回答",
    "Weighted to the base": "加权至客户群",
    "Response rate": "回答率",
    "What drives it": "驱动因素",
    "Effect on returning": "对回购的影响",
    "Deliveries and tickets": "配送与工单",
    "Not known: promised_at and fulfilled_at of pos.orders tell of deliveries, the "
    "table service.tickets of tickets; neither has landed.": (
        "未知：pos.orders 的 promised_at 和 fulfilled_at 说明配送，"
        "表 service.tickets 说明工单；两者均未落地。"
    ),
    "{} of {} deliveries came on a later day than promised": "{1} 次配送中有 {0} 晚于承诺日期",
    "{} of the tickets of twelve months were resolved within {} hours": (
        "十二个月的工单中有 {} 在 {} 小时内解决"
    ),
    "{} are open": "{} 个未结",
    "Nothing that was promised has been delivered yet": "承诺的订单均未送达",
    "By the day, an order is late on the day after the one promised. Scores are those that "
    "customers gave the order on the whole; the pictures compare orders by how late they came. "
    "Tickets stand in the month in which they were opened; open ones are those at its end.": (
        "按日期计算，晚于承诺日期即为迟到。评分是顾客对订单的总体评分；图中按迟到程度比较订单。"
        "工单计入开启月份；未结为该月末未结的工单。"
    ),
    "{}: mean {:.2f} of {} answers": "{0}：{2} 个回答的均值为 {1:.2f}",
    "Content answers by how late orders came": "按订单迟到程度的满意回答",
    "Tickets": "工单",
    "Opened": "开启",
    "Ended": "结束",
    "Open at the end": "月末未结",
    "Within the target": "达标",
    # Channel mix.
    "Margin": "毛利",
    "Channel mix": "渠道组合",
    "No money is moved between channels: what was spent on them is not known (the file "
    "channel_costs is missing).": "不在渠道间调配资金：渠道支出未知（缺少文件 channel_costs）。",
    "A curve is the margin of a month by spend, with its 90% interval; the circle is today's "
    "spend, the diamond the recommended one. Where the curve is flat another unit brings little. "
    "Spend moves to where its next unit brings most, within bounds and by no more than the "
    "largest change at once; a channel is held where a check failed or the gain may be none.": (
        "曲线是每月毛利随支出的变化及其 90% 区间；圆点为当前支出，菱形为建议支出。"
        "曲线平缓处再增加支出收效甚微。支出流向下一单位回报最高的渠道，"
        "不超出上下限和单次最大变动；检查未通过或增益可能为零的渠道暂不调整。"
    ),
    "Today's spend is where it brings most: nothing is gained by moving it": (
        "现有支出已在回报最高处，调配无益"
    ),
    "No money should be moved yet: {} of {} channels are held, most often for: {}": (
        "暂不宜调配资金：{1} 个渠道中有 {0} 个暂不调整，最常见的原因：{2}"
    ),
    "more on {}": "增加{}",
    "less on {}": "减少{}",
    " and ": "、",
    "At today's total, {} brings {}{} more margin ({} to {}) from {} to {}": (
        "总额不变，{0}，{5} 至 {6} 可多得毛利 {1}{2}（{3} 至 {4}）"
    ),
    "; {} of {} channels are held": "；{1} 个渠道中有 {0} 个暂不调整",
    "Today": "当前",
    "{}, {}: spend {} a month brings {}": "{0}，{1}：每月支出 {2} 带来 {3}",
    "Spend a month": "每月支出",
    "Margin a month": "每月毛利",
    "Margin of channels by their spend": "各渠道毛利随支出的变化",
    "never spent so far": "从未达到的支出",
    "Same total": "总额不变",
    "Today{}": "当前{}",
    "Gain (90% interval)": "增益（90% 区间）",
    "Next unit brings": "下一单位带来",
    "Budget": "预算",
    "Spend today": "当前支出",
    "Spend then": "届时支出",
    "Change of margin": "毛利变化",
    "Not allocated": "未分配",
    "Test next: {} ({}), for its return is known least where most hangs on it": (
        "下一个测试：{0}（{1}），其回报最不明确而影响最大"
    ),
    "; {} of the customers held back, {}": "；保留 {0} 的顾客不触达，为期{1}",
    ", which would still find only effects of {} or more": "，但仍只能发现 {} 以上的效应",
    # Identity.
    "Who is who": "谁是谁",
    "No two customers share anything that tells who they are; the columns email, phone and "
    "address of customers, card_number of accounts and the file customer_ids would fill this "
    "part.": (
        "没有两位顾客共用可识别身份的信息；customers 的 email、phone、address 列、"
        "accounts 的 card_number 列以及文件 customer_ids 可填充此部分。"
    ),
    "Customers are one person by an e-mail address, a telephone number or a card, unless "
    "names or dates of birth differ, and live together by address and surname. Merges are "
    "told here and applied nowhere: all other figures count customers as they landed.": (
        "电子邮箱、电话号码或会员卡相同、且姓名与出生日期不矛盾的顾客视为同一人；地址与姓氏相同的视为同一家庭。"
        "合并仅在此报告，不在别处应用：其他数字均按落地的顾客计数。"
    ),
    "{} are {} in {}": "{0}实为 {1}，分属 {2}",
    "counted by person, {} of the buyers came back and not {}, and one is worth {} and "
    "not {}": "按人计，{0} 的购买者再次购买（而非 {1}），人均收入 {2}（而非 {3}）",
    "Counted by": "计数单位",
    "Active": "活跃",
    "Of several customers": "由多位顾客组成",
    "Revenue a buyer{}": "每位购买者收入{}",
    "What is shared": "共用信息",
    "Joined": "已连接",
    "Refused": "被拒绝",
    "Mostly because": "主要原因",
    # Actions.
    "Actions": "行动",
    "What to do next": "下一步行动",
    "Actions are not in what is published.": "已发布的数据中没有行动。",
    "There is nothing to be done about anybody.": "目前没有可对任何客户采取的行动。",
    "There is something to do about {} customers, most often: {}": (
        "有 {} 名客户需要采取行动，最常见的是：{}"
    ),
    "Nobody may or should be contacted now": "目前没有可以或应当联系的客户",
    "; what keeps most back: {} ({} customers)": "；最常见的排除原因：{}（{} 名客户）",
    "To be done": "待执行",
    "Basis": "依据",
    "Eligible": "符合条件",
    "Kept back by rules": "被规则排除",
    "Held back by lot": "随机保留",
    "Expected to add": "预期增量",
    "Costs": "成本",
    "A customer has one next action: the one that is expected to add most where a log with a "
    "group held back by lot tells it, else the first of the rules, which nobody has tested. "
    "Lists for campaign tools: see docs/actions.md": (
        "每位客户只有一个下一步行动：若含随机对照组的记录可以说明，则取预期增量最大者；"
        "否则取规则中的第一个，其效果未经验证。供营销工具使用的名单见 docs/actions.md"
    ),
    "What actions change": "行动的效果",
    "Nothing is known of what actions change: marketing/action_log would fill this part, "
    "and what was exported does once its window is over.": (
        "尚不知道行动的效果：marketing/action_log 可填充此部分，已导出的名单在窗口结束后也会填充。"
    ),
    "{} of {} actions bring more than they cost": "{} 个行动（共 {} 个）的收益高于成本",
    "; ranking by what they add is worth {} a decision more than the riskiest first ({} to {})": (
        "；按增量排序比高风险优先每次决定多值 {}（{} 至 {}）"
    ),
    "Decided for": "决定执行",
    "Effect each": "每次效果",
    "Could be found": "可检出的效果",
    "Costs each": "每次成本",
    "Decision": "决定",
    "Who is acted on": "对谁采取行动",
    "Worth a decision": "每次决定的价值",
    "Ranking is worth more by": "排序多值",
    "Customers for whom an action was decided are compared with those whom a lot held back, "
    "done or not, over the same days, less what their purchases before explain.": (
        "将决定采取行动的客户（无论是否执行）与抽签保留的客户在相同天数内比较，并扣除此前购买所能解释的部分。"
    ),
    # Prices.
    "Prices": "价格",
    "Loyalty": "会员计划",
    "Member tiers": "会员等级",
    "What membership brings": "会员身份带来什么",
    "No loyalty accounts have landed: loyalty/accounts would fill this part.": (
        "没有会员账户数据：loyalty/accounts 可填充此部分。"
    ),
    "Members": "会员",
    "A tier is seen to change what members spend at {} of {} thresholds": (
        "在 {} 个（共 {} 个）门槛处可见等级改变了会员的消费"
    ),
    "No tier is seen to make its {} members spend more": "未见任何等级使其会员（共 {} 名）消费更多",
    "; the rules give {} the tier that is recorded": "；规则与记录的等级一致的会员占 {}",
    "Members just above the threshold at a review are compared with those just below, who are "
    "alike but for the tier. That all members of a tier spend more than those below is how "
    "they got it, and stands beside as the naive difference.": (
        "将评定时刚过门槛的会员与刚好未达门槛的会员比较，两者除等级外相似。"
        "某等级的全体会员比下一级消费更多，正是其获得该等级的原因，作为简单差异列在旁边。"
    ),
    "Threshold of": "门槛等级",
    "Effect on revenue": "对收入的影响",
    "90% interval": "90% 区间",
    "Bunching": "聚集",
    "No effect of joining is seen: {} of revenue a month ({} to {})": (
        "看不出加入会员的效果：每月收入 {}（{} 至 {}）"
    ),
    "Joining changes revenue by {} a month ({} to {})": "加入会员使每月收入变化 {}（{} 至 {}）",
    "Effect of joining on revenue, by months from joining": "按加入前后月数的收入效果",
    "; that members spend {} more than others is no effect of membership": (
        "；会员比他人多消费 {}，并非会员身份的效果"
    ),
    "Tier as recorded": "记录的等级",
    "Cost of rewards": "奖励成本",
    "Each, after rewards": "人均（扣除奖励后）",
    "Months from joining": "距加入的月数",
    "Customers who joined are compared with customers who joined later, before and after; in "
    "the months before joining there should be no difference.": (
        "将已加入的顾客与更晚加入的顾客在加入前后进行比较；加入之前的月份不应有差异。"
    ),
    "No product was sold in enough stores and weeks to tell how sales follow prices.": (
        "没有商品在足够多的门店和周中售出，无法判断销量如何随价格变化。"
    ),
    "Prices changed too little or too much at once to tell how sales follow them.": (
        "价格变动太少或过于同步，无法判断销量如何随之变化。"
    ),
    "{}: elasticity {} ({} to {})": "{}：弹性 {}（{} 至 {}）",
    "Units lost at a price 10% higher": "价格上涨 10% 损失的销量",
    "A price 10% higher takes {} off the units of {} ({} to {}); so much is known of {} of {} "
    "products and categories": (
        "价格上涨 10%，{1}的销量减少 {0}（{2} 至 {3}）；"
        "在 {5} 个商品和品类中，有 {4} 个已知到这一程度"
    ),
    "A dot is the part of the units that is lost when the price of a product rises by 10% and "
    "those of its category stay (blue), or when all prices of a category rise (orange); the "
    "line is its 95% interval. Products are compared with others of the category in the same "
    "store and week, categories with other stores in the same week, so that a promotion in a "
    "strong week is not taken for its effect.": (
        "圆点是某商品涨价 10%（同品类其他价格不变，蓝色）或整个品类涨价（橙色）时损失的销量份额；"
        "线是其 95% 区间。"
        "商品与同店同周的同品类其他商品比较，品类与同周的其他门店比较，"
        "因此旺季的促销不会被当作促销的效果。"
    ),
    "{}, all": "{}（全部）",
    "Best sold, published": "最畅销、已发布",
    "Elasticity": "弹性",
    "Evidence": "证据",
    "Why the others are not told": "其余未给出的原因",
    "Products and categories": "商品与品类",
    "Price sensitivity of customers": "顾客的价格敏感度",
    "No customer's purchases tell how they react to prices.": (
        "没有顾客的购买能说明其对价格的反应。"
    ),
    "Spend on what is marked down": "降价商品支出",
    "Spend on private label": "自有品牌支出",
    "Shares of spend by price sensitivity": "按价格敏感度的支出份额",
    "{} are the most price sensitive of {} whose purchases tell": (
        "在购买可供判断的 {1} 位顾客中，{0}对价格最敏感"
    ),
    "; {} of what they spend is on what is marked down": "；其支出的 {} 用于降价商品",
    "Sensitivity": "敏感度",
    "Marked down": "降价",
    "Private label": "自有品牌",
    "Price index": "价格指数",
    "Customers are ranked by the share of their spend that is marked down, by that on private "
    "label, and by what they pay against the mean of all who bought the same product in the "
    "week (price index, 1 is the mean); the mean rank makes the bands. Shares of few purchases "
    "are drawn towards those of all.": (
        "顾客按降价支出份额、自有品牌支出份额，以及所付价格相对同周购买同一商品者的均价"
        "（价格指数，1 为均值）排名；平均名次决定分档。购买较少者的份额向全体靠拢。"
    ),
    # Campaigns.
    "Campaigns": "营销活动",
    "What campaigns did": "营销活动的效果",
    "Nothing is known of campaigns: the files campaigns and campaign_targets would "
    "fill this part.": ("没有活动数据：需要文件 campaigns 和 campaign_targets。"),
    "No evidence that any of {} campaigns changed what customers spend": (
        "没有证据表明 {} 个活动中的任何一个改变了客户消费"
    ),
    "{} of {} campaigns changed what customers spend": "{1} 个活动中有 {0} 个改变了客户消费",
    "; {} held nobody back to compare with": "；其中 {} 个没有保留对照客户",
    "A dot is how much more or less customers spent because of the campaign, of what they would "
    "have spent; the line is its 95% interval. Where a group was held back, it is compared with "
    "that; otherwise with others who bought as much in earlier weeks, which cannot rule out that "
    "those chosen differed. Naive is the plain difference between who was chosen and who was "
    "not, and mostly tells whom the campaign chose. Of twenty randomised campaigns that do "
    "nothing one seems to do something.": (
        "圆点是客户因活动而多花或少花的比例（相对没有活动时的消费）；线是其 95% 区间。"
        "保留了对照组的与对照组比较；否则与此前几周购买相近的其他客户比较，"
        "但不能排除被选客户本就不同。"
        "朴素差异只是被选者与未被选者之差，多半只说明活动选了谁。"
        "二十个毫无效果的随机活动中，会有一个看起来有效果。"
    ),
    "Change of what customers spend": "客户消费的变化",
    "{}: {} ({} to {}) of what would have been spent": "{}：相对原本消费 {}（{} 至 {}）",
    "Campaign": "活动",
    "Chosen": "被选客户",
    "Naive difference": "朴素差异",
    "Change a customer": "每客户变化",
    "How it is estimated": "估计方法",
    "What to do": "建议",
    "All campaigns": "全部活动",
    "Coupons and offers": "优惠券与优惠",
    "No coupon or offer of a campaign is on record: the files campaign_targets and "
    "coupon_redemptions would fill this part.": (
        "没有活动优惠券或优惠的记录：需要文件 campaign_targets 和 coupon_redemptions。"
    ),
    "{} of those who got a coupon or offer redeemed it": "收到优惠券或优惠的客户中有 {} 兑换",
    "; {} of redemptions came before anybody had looked at it": "；{} 的兑换发生在查看之前",
    "Received is who was reached by a campaign, once for each campaign. Who redeems without "
    "having looked would mostly have bought anyway.": (
        "收到指活动已触达的客户，每个活动计一次。未查看而兑换的客户多半本来就会购买。"
    ),
    "Received": "收到",
    "Looked at": "查看",
    "Redeemed": "兑换",
    "Redeemed unseen": "未查看而兑换",
    "What became of coupons and offers": "优惠券与优惠的结果",
    # Channels.
    "Channel contribution": "渠道贡献",
    "the files orders and order_lines are missing": "缺少文件 orders 和 order_lines",
    # Baskets.
    "Baskets": "购物篮",
    "Bought together, and instead of each other": "一起购买与相互替代",
    "{} and {} go together most surely": "{}与{}最确定会一起购买",
    "{} and {} stand in for each other most surely": "{}与{}最确定会相互替代",
    "{}: {} together, {} by chance, Yule's Q {:.2f}": (
        "{}：同时出现 {}，偶然应为 {}，尤尔 Q {:.2f}"
    ),
    "A bar is Yule's Q, from 0 (by chance) to 1 (always, or never, together), of baskets "
    "with the same number of other categories, since a full basket holds everything more "
    "often. Lift does not allow for that: it is above 1 of many substitutes. The most "
    "certain pairs come first. Of {} pairs tested in {}, {} go together more than by "
    "chance, and {} less although the same customers buy both.": (
        "条形为尤尔 Q，从 0（偶然）到 1（总是或从不一起），只比较其他品类数相同的购物篮，"
        "因为满的购物篮什么都更常有。提升度没有考虑这一点：许多替代品的提升度仍高于 1。"
        "最可信的组合在前。在{1}中检验了 {0} 对，"
        "其中 {2} 对同时出现多于偶然，"
        "{3} 对虽由同一批顾客购买却少于偶然。"
    ),
    "Next categories": "下一个品类",
    "No past day could be tried: nothing was bought before one.": (
        "没有可回测的过往日期：此前没有购买。"
    ),
    "{}: {} of three suggestions come true": "{}：三条建议中 {} 成真",
    "Of three categories suggested again, {} are in the next basket": (
        "建议再次购买的三个品类中，{} 出现在下一个购物篮"
    ),
    "of three new ones, {} are bought within {}": "三个新品类中，{} 在{}内被购买",
    "Suggestions as they would have been made on {}, judged by what was bought from then "
    "on. The coloured method did best on all past days and makes today's suggestions; "
    "popularity suggests to everybody what most buy.": (
        "按 {} 当时能给出的建议，用此后的购买来评判。"
        "着色的方法在所有过往日期上表现最好，用于今天的建议；"
        "热门程度向所有人建议多数人购买的品类。"
    ),
    "Suggestions that came true, by method": "各方法成真的建议",
    "No two categories go together more or less than by chance.": (
        "没有两个品类同时出现多于或少于偶然。"
    ),
    "Fewer than two categories were sold; the file products names none, or is missing.": (
        "售出的品类不足两个；文件 products 没有品类，或缺少该文件。"
    ),
    "First": "第一品类",
    "Second": "第二品类",
    "Baskets with both": "同时含有两者的购物篮",
    "Second with the first": "有第一也有第二",
    "First with the second": "有第二也有第一",
    "Lift": "提升度",
    "Like customers buy": "相似顾客会买",
    "Customers who do not": "未购买的顾客",
    "Spend of like customers": "相似顾客的消费",
    "There is no revenue to share among channels": "没有可分配给渠道的收入",
    "No order followed a touch of a channel, so all revenue ({}{}) is without attribution{}.": (
        "没有订单发生在渠道触达之后，因此全部收入（{}{}）没有归因{}。"
    ),
    "{}, {}: revenue {} ({} of the attributed), {} orders": (
        "{}，{}：收入 {}（占归因收入的 {}），{} 笔订单"
    ),
    "Net revenue{}": "净收入{}",
    "Share of all, {}": "占全部，{}",
    "Total": "合计",
    "{} under every attribution model": "在每种归因模型下均为 {}",
    "{} to {} depending on the attribution model": "{} 至 {}，视归因模型而定",
    "{} of the revenue followed a marketing touch; the largest part of that, {}, goes to {}.": (
        "{} 的收入发生在营销触达之后；其中最大的部分（{}）归于{}。"
    ),
    "Each mark is the revenue that one attribution model credits to the channel: marks close "
    "together mean that the rule hardly matters. Credit says that a touch came before the order, "
    "not that it caused it. {} is revenue that only visits to a shop preceded, {} revenue without "
    "a touch before it; every column adds up to all revenue. Other rules and longer chains are in "
    "channel_contribution.": (
        "每个标记是一种归因模型记给该渠道的收入：标记靠近说明规则影响不大。归因只说明触达先于订单，"
        "并不说明触达导致了订单。{}是之前只有到店访问的收入，{}是之前没有触达的收入；"
        "每一列合计等于全部收入。其他规则和更高阶的马尔可夫链见 channel_contribution。"
    ),
    "Revenue credited to channels by attribution model": "各归因模型记给渠道的收入",
    "What the model decides": "模型决定了什么",
    "No touch came before an order": "没有触达发生在订单之前",
    "No model tells the share of a channel: {}.": "没有模型能给出渠道的占比：{}。",
    "{}, {}: {} ({} to {})": "{}，{}：{}（{} 至 {}）",
    "The model matters most for {}: {} of what followed a touch under {}, {} under {}; {}.": (
        "模型对{}影响最大：在触达之后的订单中占比为 {}（{}）至 {}（{}）；{}。"
    ),
    "for {} of {} channels models contradict each other": ("{} 个渠道（共 {} 个）的模型相互矛盾"),
    "of no channel do models contradict each other": "没有渠道的模型相互矛盾",
    "A point is a channel's share under a model, its line the 90% interval between customers. "
    "Lines that do not meet contradict each other: then it is the model that decides, and not the "
    "data. Trust the one that is named, for the reason given.": (
        "点是渠道在某一模型下的占比，线是顾客间的 90% 区间。互不相交的线相互矛盾："
        "此时起决定作用的是模型而不是数据。请按所列理由采用所列模型。"
    ),
    "Shares of channels by model": "各模型下的渠道占比",
    "Model to trust": "可信模型",
    "All models": "所有模型",
    "Ranks": "名次",
    "Models apart": "不一致的模型",
    "Ways to an order": "通往订单的路径",
    "{}, step {}: {}": "{}，第 {} 步：{}",
    "{} · {} of the journeys": "{} · 占路径的 {}",
    "{}: {} orders, {} journeys without": "{}：{} 笔订单，{} 条路径没有订单",
    "{} of the orders that followed a touch had one channel before them; the most frequent way, "
    "{}, led to {} of them ({}).": (
        "触达之后的订单中有 {} 之前只有一个渠道；最常见的路径（{}）带来了其中的 {}（{}）。"
    ),
    "A row is a way: a square a channel, from the first touch to the last, several touches of one "
    "in a row as one. The bar is orders, the share beside it how many of the journeys that went "
    "this way ended in one. A journey begins anew at every order; of {} journeys {} ended without "
    "an order within the lookback.": (
        "一行是一条路径：方块是渠道，从首次触达到末次触达，同一渠道的连续触达合为一步。"
        "条形为订单数，旁边的占比是走这条路径并以订单结束的比例。每笔订单之后路径重新开始；"
        "{} 条路径中有 {} 条在回溯期内没有订单。"
    ),
    "Most frequent ways to an order": "最常见的通往订单的路径",
    "Way": "路径",
    "Journeys": "路径数",
    "Without": "无订单",
    "Days to order": "距订单天数",
    # Scorecard, fit and funnel of channels.
    "Scorecard of channels": "渠道计分卡",
    "No channel has a whole month of orders, contacts or costs to judge.": (
        "没有渠道拥有完整一个月的订单、触达或费用可供评估。"
    ),
    "{} leads the {} channels": "{}在{}渠道中领先",
    "{} of {} goals of channels that can be judged are met": (
        "可评估的渠道目标中，{} 个（共 {} 个）已达成"
    ),
    "No goal of a channel can be judged": "没有可评估的渠道目标",
    "A cell is coloured where there is a goal: blue where it is met, pale where it is near, orange "
    "where it is missed. Figures are of {}. Sales channels are told by what came through them. "
    "What marketing channels bring rests on lift tests, else on what would not have been bought "
    "without them; ≤ or ≥ is the best that a figure can be, by all that came after a touch, and "
    "proves no goal. Held is what nobody could believe: look at what is booked as cost. Goals are "
    "in seeds/channels/channel_goals.csv. A figure that the data do not carry is left out.": (
        "有目标的单元格带颜色：蓝色为已达成，浅色为接近，橙色为未达成。数据期间为{}。"
        "销售渠道按实际订单计算。营销渠道的贡献以增量试验为准，其次为没有触达就不会发生的购买；"
        "≤ 或 ≥ 表示按触达之后的全部购买得出的上限，不能证明目标已达成。"
        "“待核实”为不可信的数值，请先核对入账费用。目标见 seeds/channels/channel_goals.csv。"
        "数据中没有的指标不显示。"
    ),
    "the twelve months from {}": "自 {} 起的十二个月",
    "{}, {}: {} ({}{}{})": "{}，{}：{}（{}{}{}）",
    ", basis: {}": "，依据：{}",
    "Targets": "目标",
    "No key figure of the current month is known yet.": "本月尚无已知的关键指标。",
    "Of {} targets {} are met or ahead": "{} 个目标中，{} 个已达成或领先",
    "{} on track": "{} 个正常",
    "{} missed or behind": "{} 个未达成或落后",
    "No target is agreed; this is where the month ends": "尚未约定目标；以下为本月的预计结果",
    "{}: {} of {}": "{}：{}（基准 {}）",
    "Projected end, as a share of the target or of the period before": (
        "预计结果占目标或上一期间的比例"
    ),
    "Projected end of key figures with its interval": "关键指标的预计结果与区间",
    "What has come by {} is set over the share that came by then in the same weekdays and holidays "
    "of last year, else in the three periods before; the line is what this rule missed past "
    "periods by. Targets are agreed in seeds/targets/targets_agreed.csv.": (
        "截至 {} 的数值除以去年相同星期与节日（否则为此前三个期间）到此时所占的比例；"
        "横线为该方法在过去期间的误差。目标在 seeds/targets/targets_agreed.csv 中约定。"
    ),
    "Key figure": "关键指标",
    "Period": "期间",
    "Owner": "负责人",
    "Target": "目标",
    "So far": "目前",
    "Gap": "差距",
    "Pace": "进度",
    "Projected end": "预计结果",
    "held": "待核实",
    ", goal {}": "，目标 {}",
    "Key figures by channel, against their goals": "各渠道关键指标与目标",
    "Channel": "渠道",
    "Conversion": "转化率",
    "Kind": "类型",
    "Orders": "订单",
    "Others": "其他",
    "Place": "名次",
    "Weighted score": "加权得分",
    "Weight not known": "未知权重",
    "Each criterion from 0 for the worst channel of the kind to 1 for the best, weighed as in "
    "seeds/channels/channel_kpis.csv.": (
        "每项标准：同类渠道中最差为 0，最好为 1，权重见 seeds/channels/channel_kpis.csv。"
    ),
    "Channels and segments": "渠道与分群匹配",
    "No channel reached or served enough customers to tell whom it fits.": (
        "没有渠道触达或服务足够多的顾客，无法判断适合谁。"
    ),
    "{}, {}: fit {:.2f}, {} ({})": "{}，{}：匹配度 {:.2f}，{}（{}）",
    "Of {} pairs of a channel and a segment, {} are recommended and {} are to be avoided": (
        "{} 组渠道与分群的组合中，{} 组推荐，{} 组应避免"
    ),
    "{} of the customers use more than one sales channel, and {} of the orders that follow "
    "another come through a different one": ("{} 的顾客使用多个销售渠道，后续订单中有 {} 换了渠道"),
    "A score of 0.50 is that of all customers. It is the mean of three: costly channels for "
    "valuable customers, channels that the segment uses, channels that it responds to. Blue is "
    "recommended, orange to be avoided; small segments are drawn towards all customers.": (
        "0.50 为全体顾客的水平。得分为三项的平均：高成本渠道给高价值顾客、分群使用的渠道、"
        "分群有响应的渠道。蓝色为推荐，橙色为应避免；小分群向全体顾客收缩。"
    ),
    "How well channels fit segments": "渠道与分群的匹配度",
    "Segment": "分群",
    "Recommended": "推荐",
    "To be avoided": "应避免",
    "Sales channel": "销售渠道",
    "In several channels": "使用多个渠道",
    "Switch after an order": "下单后换渠道",
    "Likeness of what is bought": "购买内容相似度",
    "All channels": "全部渠道",
    "From knowing the shop to buying again": "从认知到复购",
    "Nobody is known who came to the shop within the time of the data.": (
        "数据期间内没有新认识的顾客。"
    ),
    "First purchase": "首次购买",
    "Second purchase": "第二次购买",
    "{}: {} {} of {}": "{}：{} {}（共 {}）",
    "Channel that brought the customer": "获客渠道",
    "Known": "已知",
    "Registered": "已注册",
    "Bought again": "再次购买",
    "Never bought": "从未购买",
    "Of the known, bought": "已知中已购买",
    "Of {} people who became known, {} bought and {} bought again on another day": (
        "{} 位新认识的人中，{} 位购买，{} 位在另一天再次购买"
    ),
    "{} more were known before the data begin and never bought in them": (
        "另有 {} 位在数据开始前已知，数据期间从未购买"
    ),
    "A bar is the share of those whose days are over who took the step within the days that are "
    "set for it. Whom advertising reached without a name is not counted; in the first months of "
    "the data many had bought before.": (
        "柱形为期限已满者中在规定天数内完成该步骤的比例。广告触达的匿名人群不计入；"
        "数据最初几个月中许多顾客此前已购买过。"
    ),
    "Share who took a step, by channel": "各渠道完成步骤的比例",
    # Churn.
    "Risk of churn": "流失风险",
    "No customer has a churn score.": "没有顾客有流失评分。",
    "Risk": "风险",
    "Customers": "顾客",
    "Share": "占比",
    "Expected value": "预期价值",
    "Value at risk": "风险价值",
    "All": "全部",
    "{}, risk {}: {} at risk, {}": "{}，{}风险：风险价值 {}，{}",
    "Value at risk by lifecycle stage and churn risk": "按生命周期阶段和流失风险的风险价值",
    "Value at risk by lifecycle stage": "按生命周期阶段的风险价值",
    "The scores expect {} of {} not to buy within {} days": (
        "评分预计 {1}中{0} 位在 {2} 天内不会购买"
    ),
    "; if they did after all, they would bring {}{} of {} in 12 months, the value at risk": (
        "；若他们仍然购买，12 个月内将带来 {}{} 的{}，即风险价值"
    ),
    ": {} of it is with {} customers": "：其中 {} 在{}顾客",
    "Churn is no purchase within {} days. Value at risk is the probability of it times what the "
    "customer brings within 12 months if the purchase is made after all. Expected value, on the "
    "other hand, holds the risk already. Many faithful customers with a small risk can hold more "
    "than a few who are almost gone. A driver is what weighs most in a customer's forecast, next "
    "to what is usual.": (
        "流失指 {} 天内没有购买。风险价值是流失概率乘以顾客若仍购买在 12 个月内带来的金额；"
        "而预期价值已经包含了风险。许多风险小的忠实顾客合起来，可能多于少数几乎流失的顾客。"
        "驱动因素是与通常情况相比在预测中分量最大的因素。"
    ),
    "about {}": "约 {}",
    "fewer than 1": "不到 1",
    "By value at risk": "按风险价值",
    "Main driver": "主要驱动因素",
    "None stands out": "无突出因素",
    "What weighs most in the forecasts at high and medium risk": (
        "高、中风险顾客的预测中分量最大的因素"
    ),
    "Customer": "顾客",
    "Stage": "阶段",
    "Strongest reason": "最强原因",
    "Churn probability": "流失概率",
    "Last purchase": "上次购买",
    "Next one expected": "预计下次",
    "none stands out": "无突出因素",
    "To act on: of {} the {} with the most at stake, {} of {}{}": (
        "待跟进：{0}中风险价值最大的 {1} 位，{2} / {3}{4}"
    ),
    "not within {}": "{}内不会",
    "no date forecast": "没有预测日期",
    # Customers.
    "What the customer figures stand on": "顾客数字的依据",
    "There are no sales yet.": "还没有销售。",
    "All {} carry a known customer: the customer figures cover the whole revenue.": (
        "全部{}都有已知顾客：顾客数字覆盖全部收入。"
    ),
    "Of {} not one names a customer, so nothing is told of customers; customer_id in orders would "
    "fill those parts.": (
        "{}中没有一笔注明顾客，因此无法说明顾客情况；orders 中的 customer_id 可填补这些部分。"
    ),
    "Week of {}: {} of {}": "{0} 当周：{2}中 {1} 笔",
    "{} of the baskets and {} of the revenue carry a known customer; every customer figure in this "
    "report is about that part.": (
        "{} 的订单和 {} 的收入有已知顾客；本报告的所有顾客数字都只关于这一部分。"
    ),
    "The line is the share of each week's baskets whose customer is known.": (
        "折线是每周订单中顾客已知的占比。"
    ),
    "Share of baskets with a known customer by week": "每周有已知顾客的订单占比",
    # Lifecycle.
    "Lifecycle stages": "生命周期阶段",
    "No customer is known yet, so there are no stages to show.": (
        "还没有已知顾客，因此没有阶段可展示。"
    ),
    "{} known, nobody has bought. ": "已知{}，无人购买。",
    "{}: {} {} of {} ({})": "{}：{} {} / {}（{}）",
    "Change": "变化",
    "{} are {}": "{} 为{}",
    "{} are dormant or lost": "{} 为休眠或流失",
    "Of {}, {}": "{}中，{}",
    "; dormant and lost together went from {} to {} since the end of {}": (
        "；自 {2}底以来，休眠与流失合计从 {0} 变为 {1}"
    ),
    "; {} who never bought are not counted": "；{}从未购买，不计入",
    "Each bar is the base at the end of a month, split by stage; a customer is in exactly one. "
    "What counts as silence depends on the customer's own rhythm.": (
        "每根柱是月末的顾客群，按阶段划分；每位顾客恰在一个阶段。何为沉默取决于顾客自身的节奏。"
    ),
    " The first months hold many new customers because the data begin there.": (
        "最初几个月新客多，因为数据从那时开始。"
    ),
    " Revenue: share of that of the {}.": "收入：占{}收入的比例。",
    " Change: customers since {}.": "变化：自 {} 以来的顾客数变化。",
    "Customers by lifecycle stage over time": "各生命周期阶段的顾客随时间变化",
    "Lost, by what says so: {}.": "流失的依据：{}。",
    "{}, and whoever was a customer before them counts as new, unless a record says otherwise": (
        "{}，此前已是顾客的人计为新客，除非有记录说明"
    ),
    "Of {}, {} ({}) {} lost": "{}中，{} 位（{}）流失",
    " ({})": "（{}）",
    "; what the others do is not known. {}.": "；其他人的情况未知。{}。",
    "Movements between stages": "阶段之间的移动",
    "Movements show once the base has been seen at two month ends.": (
        "需要两个月末的数据才能显示移动。"
    ),
    "{} to {}: {} of {}, revenue of up to 12 months before {}": (
        "{} → {}：{} / {}，此前至多 12 个月收入 {}"
    ),
    "Stage at the end of {}": "{}底的阶段",
    "Stage a month before": "一个月前的阶段",
    "In {}, {} of {} changed stage": "{0}，{2}中 {1} 位改变了阶段",
    ", most often from {} to {} ({}); {} came back from silence and {} fell silent": (
        "，最常见的是从{}到{}（{}）；{} 位从沉默中回来，{} 位陷入沉默"
    ),
    "the time": "这段时间",
    "the twelve months": "十二个月",
    "Those who fell silent brought {}{} in {} before.": "陷入沉默的顾客在此前{2}带来 {0}{1}。",
    "{} came into the base in the month.": "{}在当月进入顾客群。",
    "What changed the stage: {}.": "阶段变化的原因：{}。",
    "Each line is what became of the customers of one stage within the month: share on top, "
    "customers below. Grey: stayed. Brown: moved closer to leaving. Blue: moved otherwise. The "
    "darker, the more of the line went there.": (
        "每行是一个阶段的顾客在当月的去向：上为占比，下为人数。灰色：未变。棕色：更接近离开。"
        "蓝色：其他移动。颜色越深，该行去往此处的越多。"
    ),
    "Transitions between stages in {}": "{}的阶段转移",
    "Who bought, who stayed away": "谁买了，谁没来",
    "This view needs two whole months of sales.": "此图需要两个完整月份的销售。",
    "New": "新客",
    "Came back after a month or more without": "间隔一个月以上后回来",
    "Bought the month before, not in this one": "上月购买，本月未买",
    "{}: {} bought, {} of them also the month before": "{}：{}购买，其中 {} 位上月也购买",
    "{} more than": "多 {} 位，相比",
    "{} fewer than": "少 {} 位，相比",
    "as many as in": "人数等于",
    "{} bought in {}, {} {}{}: {} for the first time, {} came back, {} of {}'s buyers stayed "
    "away.": "{1}有{0}购买，{2} {4}：{5} 位首次购买，{6} 位回来，{8}的买家中 {7} 位没有再来。",
    "The lower bars explain the change of the upper ones: this month = last month + new + came "
    "back − stayed away. Whole months only; the first month of the data is left out, since "
    "everybody is new in it.": (
        "下方的柱解释上方的变化：本月 = 上月 + 新客 + 回来 − 未来。仅含完整月份；"
        "数据的第一个月不计，因为其中人人都是新客。"
    ),
    " Came back includes {} who, by their records, bought before the data begin.": (
        "回来者包括{}，其记录表明在数据开始前已购买。"
    ),
    "Active customers by month, gains and losses": "每月活跃顾客，增与减",
    "Customers who bought": "购买的顾客",
    "Gained and lost since the period before": "与上期相比的增与减",
    "Retention of new customers": "新客留存",
    "No cohort has a whole month behind it yet.": "还没有群组经历过完整的一个月。",
    "Of {} nobody bought in a later month.": "{}中无人在之后的月份购买。",
    "All but *": "除 * 外全部",
    "First bought in {}, {} months later: {} of {} bought, 95% interval {} to {}": (
        "{} 首次购买，{} 个月后：{} / {} 购买，95% 区间 {} 至 {}"
    ),
    "{} months later: {} of {} bought, 95% interval {} to {}": (
        "{} 个月后：{} / {} 购买，95% 区间 {} 至 {}"
    ),
    "Months since the month of the first purchase": "距首次购买月的月数",
    "{} bought in the month after their first purchase": "{} 在首次购买的次月购买",
    "{} in month {}": "{} 在第 {} 个月购买",
    "Of {}, {}.": "{}中，{}。",
    "{} can be followed: too few for a rate to hold.": "可跟踪{}：太少，比率不可靠。",
    "Only months near the beginning of the data have a later month to look at, and their customers "
    "are not all new.": "只有靠近数据开始的月份有后续月份可看，而其顾客并非都是新客。",
    "Each line is the customers who first bought in a month, with their number; each cell the "
    "share of them who bought in that later month. Only months that are over. Pale cells rest on "
    "fewer than {} customers.": (
        "每行是某月首次购买的顾客及其人数；每格是其中在后续该月购买的占比。仅含已结束的月份。"
        "浅色格少于 {} 位顾客。"
    ),
    " * So near the beginning of the data a month mixes new customers with old ones: it is left "
    "out of the last line and the colours.": (
        " * 如此靠近数据开始的月份混有新老顾客：不计入最后一行和颜色。"
    ),
    "Cohort retention by month": "按月群组留存",
    "without {} first seen so near the beginning of the data that they may have bought before, or "
    "known before it": "不含{}：首次出现太靠近数据开始，可能之前已购买，或之前已知",
    "How often the stages are right": "阶段判断的准确度",
    "No call of dormant or lost is old enough to be judged by what happened next.": (
        "还没有足够早的休眠或流失判断可供事后检验。"
    ),
    "{}: {} of {} bought again within {} days, 95% interval {} to {}": (
        "{}：{} / {} 在 {} 天内再次购买，95% 区间 {} 至 {}"
    ),
    "Bought again within {} days of entering": "进入阶段后 {} 天内再次购买",
    "Dormant and lost, by the customer's usual rhythm": "休眠与流失，按顾客平常的节奏",
    "{} of the {} called {} ({} to {})": "{1} 次判为{2}中的 {0}（{3} 至 {4}）",
    "Dots are the share of customers who bought again after they entered the stage, lines the 95% "
    "interval, numbers beside the names how often a stage was entered. Far right is good for a "
    "living stage; for dormant and lost it is the share of calls that proved false. The vars are "
    "in dbt_project.yml; for customers with short gaps it is {} that decides, for those with long "
    "ones {}.": (
        "圆点是进入该阶段后再次购买的顾客占比，线是 95% 区间，名称旁的数字是进入该阶段的次数。"
        "对活跃阶段越靠右越好；对休眠和流失则是误判的占比。"
        "变量在 dbt_project.yml 中；间隔短的顾客由 {} 决定，间隔长的由 {} 决定。"
    ),
    "Return rate after entering each stage": "进入各阶段后的回购率",
    # Scores.
    "Can the scores be trusted?": "评分可信吗？",
    "The scores have not been tested against the past: no back-test was made of the forecasts in "
    "use.": "评分尚未用过去检验：没有对在用预测作回测。",
    "Why customers leave": "顾客为何离开",
    "No customer has left so far.": "目前还没有顾客流失。",
    "{}, {}: {}": "{}，{}：{}",
    "Customers who left by reason and how it is known": "按原因及其依据划分的流失顾客",
    "Of {} who left {} said why, of {} more something happened that is rare among those who stay": (
        "{} 已流失，其中 {} 位说明了原因，另有 {} 位在离开前经历了留存顾客少见的事"
    ),
    "Nobody knows why {} left": "无人知道 {} 为何离开",
    "{} of those who said why name {}": "说明原因者中 {} 提到{}",
    "A reason is stated where a cancellation, the end of a subscription or a survey after "
    "leaving has one, and inferred where something happened at the end that came far more "
    "often before leaving than before visits after which customers stayed. Bounds are what "
    "the share would be if none, or all, of the unknown had the reason. A competitor can "
    "hardly be inferred, so the estimate for all goes by those who said why, each for those "
    "who had the same kind of experience.": (
        "取消申请、订阅结束或离开后的调查中记录的原因为“说明”；最后发生的事若在流失前远比在留存到访前更常见，则为“推断”。界限是假设未知者都没有或都有该原因时的份额。"
        "竞争对手难以推断，因此对全体的估计以说明原因者为准，每人代表有同类经历的顾客。"
    ),
    "tickets.csv with cancellations and their reasons, or subscriptions.csv with the "
    "reasons of their ends, would say why.": (
        "含取消申请及原因的 tickets.csv，或含结束原因的 subscriptions.csv，可以说明原因。"
    ),
    "{} ({} to {})": "{}（{} 至 {}）",
    "Of those who said why": "在说明原因者中",
    "Estimate for all (95%)": "对全体的估计（95%）",
    "Bounds": "界限",
    "Their last year's revenue": "其最后一年的销售额",
    "Before they left": "离开之前",
    "Of those who left": "在流失者中",
    "If like those who stayed": "若与留存者相同",
    "Times as often (95%)": "倍数（95%）",
    "Finding": "结论",
    "{:.1f} ({:.1f} to {:.1f})": "{:.1f}（{:.1f} 至 {:.1f}）",
    "Number": "数量",
    "Of customers active at the end of {}, who did not buy within {}: all, and where most left": (
        "{} 末仍活跃、其后 {}内未购买的顾客：全部，以及流失最多之处"
    ),
    "Last visits fall more often than others on: {}.": "最后一次到访更常在：{}。",
    "{} ({} of the last visits, {} of all)": "{}（占最后到访的 {}，占全部的 {}）",
    "No season, weekday or holiday has more of the last visits than of all.": (
        "没有哪个季节、星期或节日的最后到访比一般到访更多。"
    ),
    "Winning customers back": "挽回顾客",
    "No customer is dormant or lost.": "没有休眠或流失的顾客。",
    "Nobody knows which of {} lapsed customers agree to be written to: column "
    "has_marketing_consent of customers.csv would tell.": (
        "不知道 {} 位沉默顾客中谁同意接收营销信息："
        "customers.csv 的 has_marketing_consent 列可以说明。"
    ),
    "None of {} lapsed customers should be asked back now.": "{} 位沉默顾客目前都不宜挽回。",
    "Share of the expected value": "预期价值份额",
    "{}: {}, {} expected": "{}：{}，预期 {}",
    "{} of {} lapsed customers can be asked back; at the rate at which such customers came "
    "back so far they bring {}{} in a year.": (
        "{1} 位沉默顾客中有 {0} 位可以挽回；按此类顾客以往的回归率，他们一年带来 {2}{3}。"
    ),
    "The action follows from the reason for leaving. What is expected is the share of "
    "customers of the same stage and rhythm who came back so far, times what a customer "
    "brings when back; what an action adds shows against those held back.": (
        "行动取决于流失原因。预期价值是同阶段、同节奏顾客以往的回归率乘以顾客回归后的价值；行动的增量要与保留组对比才知道。"
    ),
    "Expected value by action": "按行动的预期价值",
    "Action": "行动",
    "Held back": "保留组",
    "Why the others are not asked back": "其余顾客为何不挽回",
    "Predicted against actual churn, purchases and spend by tenth of customers": (
        "按顾客十分位的预测与实际流失、购买和消费"
    ),
    "; what has shifted since is listed below.": "；此后的变化列于下方。",
    "The models saw sales up to {} and had to predict {} to {}. A dot is a tenth of the customers, "
    "by prediction; a bar is the 95% interval of a share. Axes are stretched near zero. ": (
        "模型看到截至 {} 的销售，须预测 {} 至 {}。一个点是按预测划分的十分之一顾客；"
        "短线是占比的 95% 区间。坐标轴在零附近拉伸。"
    ),
    "Lines are the errors of the same test at earlier dates. ": "折线是同一检验在更早日期的误差。",
    "In the table the best value of a line is bold, its 95% interval in grey. The champion is the "
    "forecast in use; the naive one repeats what each customer did before.": (
        "表中每行最佳值为粗体，其 95% 区间为灰色。在用模型是当前使用的预测；"
        "朴素预测重复每位顾客之前的行为。"
    ),
    "churn probabilities were off by {} on average": "流失概率平均偏差 {}",
    "total purchases were": "总购买次数的预测",
    "total spend was": "总消费的预测",
    "{} forecast {}": "{}{}",
    "The back-test has no result for the forecasts in use": "回测没有在用预测的结果",
    "In the back-test over {} {}": "在{}的回测中，{}",
    "; the forecasts in use beat naive ones in {} of {}": "；在用预测在 {1}中有 {0} 项胜过朴素预测",
    "as it came": "与实际一致",
    "{} too low": "偏低 {}",
    "{} too high": "偏高 {}",
    "{}: predicted ": "{}：预测 ",
    "{}, actual {}, 95% interval {} to {}": "{}，实际 {}，95% 区间 {} 至 {}",
    "{}, actual {}": "{}，实际 {}",
    "as predicted": "如预测",
    "Predicted": "预测",
    "Actual": "实际",
    "Error": "误差",
    "{}, sales up to {}: ": "{}，截至 {} 的销售：",
    "Champion": "在用模型",
    "Naive": "朴素",
    "Error of the forecasts by cutoff date": "各截断日期的预测误差",
    "Back-test of {}": "{}的回测",
    "Used for": "用于",
    "Why": "原因",
    "{} ({} days)": "{}（{} 天）",
    "Scores of today: fitted on {}, {} to {}": "今日评分：基于{}，{} 至 {}",
    "; expected value discounted at {} a year": "；预期价值按每年 {} 折现",
    "{} with ": "{}：",
    "a simpler forecast": "使用较简单的预测",
    "no forecast": "没有预测",
    "{} of {} moved since {}": "自 {2} 以来 {1}中 {0} 个有变化",
    "none": "0",
    "inputs and scores were not compared ({})": "输入与评分未作比较（{}）",
    "{} of {}": "{1}中 {0}",
    "no champion": "没有在用模型",
    "{} did clearly worse of late than in earlier windows": "{}近期明显差于更早窗口",
    "champions were not compared with earlier windows ({})": "在用模型未与更早窗口比较（{}）",
    " (the back-test, so that a season counts as well)": "（回测，因此季节也计入）",
    "Drift: {}.": "漂移：{}。",
    "PSI {:.2f}": "PSI {:.2f}",
    "Champion: {}, {}": "在用模型：{}，{}",
    "error {:.2f} times that of {}": "误差为{1}的 {0:.2f} 倍",
    "Moved": "变化项",
    "How far": "幅度",
    "Status": "状态",
    "Churn": "流失",
    "Churn: share without a purchase": "流失：未购买的占比",
    "Purchases per customer": "每位顾客的购买次数",
    "Net revenue per customer": "每位顾客的净收入",
    "Churn: log loss": "流失：对数损失",
    "Purchases: error, share of the mean": "购买：误差占均值",
    "Net revenue: error, share of the mean": "净收入：误差占均值",
    "Purchase model": "购买模型",
    # RFM.
    "RFM segments": "RFM 细分",
    "Nobody has bought in the window that RFM looks at.": "RFM 窗口内无人购买。",
    "{}: {}, revenue {}, per customer {}": "{}：{}，收入 {}，每位顾客 {}",
    "Share of customers": "顾客占比",
    "Share of revenue": "收入占比",
    "{}: {} of the customers bring {} of the revenue.": "{}：{} 的顾客带来 {} 的收入。",
    "Segments follow from how recently, how often and for how much a customer bought within the "
    "window. Where the right bar is longer than the left one, a customer is worth more than the "
    "average.": (
        "细分取决于顾客在窗口内多近、多频繁、多少金额地购买。右柱长于左柱时，该顾客价值高于平均。"
    ),
    "Customers and revenue by RFM segment": "各 RFM 细分的顾客与收入",
    "RFM grid": "RFM 网格",
    "Nobody has bought yet, so the grid is empty.": "还没有人购买，网格为空。",
    "Frequency, 5 most often": "频率，5 为最高",
    "Recency, 5 most recent": "近度，5 为最近",
    "Recency {}, frequency {}": "近度 {}，频率 {}",
    "{}: {}": "{}：{}",
    "{}, {}": "{}，{}",
    "{}: revenue {}": "{}：收入 {}",
    "Scores 1 to 5 are fifths of the base, equal customers in one. Customers and revenue: now. ": (
        "分数 1 至 5 是顾客群的五等分，相同的顾客在同一格。顾客与收入：当前。"
    ),
    "Bought again within {} days": "{} 天内再次购买",
    "{}: {}, {} bought again, predicted {}": "{}：{}，{} 再次购买，预测 {}",
    "Bought again: the same grid as of {}; in large print what happened in the {} days after": (
        "再次购买：{} 的同一网格；大字为其后 {} 天的实际情况"
    ),
    ", in small print what the model had predicted": "，小字为模型的预测",
    ". Pale cells hold fewer than {} customers.": "。浅色格少于 {} 位顾客。",
    "; predictions of who buys again are off by {} on average over the cells": (
        "；对谁会再次购买的预测在各格平均偏差 {}"
    ),
    "RFM grid: customers, revenue, and purchases predicted and actual": (
        "RFM 网格：顾客、收入、预测与实际的购买"
    ),
    "{} of all, {} {} of the revenue": "占全部的 {0}，带来 {2} 的收入",
    "The {} who bought most recently and most often": "最近且最常购买的{}",
    "The only customer is": "唯一的顾客",
    "All {} customers are": "全部 {} 位顾客",
    "{} in one cell, so that the grid tells nobody apart yet": "{}在同一格，因此网格还无法区分",
    "{} with recency {} and frequency {}, {}; no cell brings more": (
        "近度 {1}、频率 {2} 的{0}，{3}；没有哪一格带来更多"
    ),
    # Value.
    "Value of the base": "顾客群的价值",
    "Expected {}, next 12 months": "未来 12 个月预期{}",
    "Net revenue, {}": "净收入，{}",
    "No customer has brought revenue or is expected to.": "没有顾客带来收入或预期带来收入。",
    "Tenth {}: {} of the total · {}": "第 {} 个十分位：占总额 {} · {}",
    "Tenth of the customers, best first": "顾客十分位，最佳在前",
    "Share of value by tenth of customers": "各顾客十分位的价值占比",
    "Customers are expected to bring {}{} of {} in the next twelve months": (
        "预计顾客在未来十二个月带来 {}{} 的{}"
    ),
    ", {} of it from the best tenth": "，其中 {} 来自最佳十分之一",
    "The base brought {}{} in {}": "顾客群在{2}带来 {0}{1}",
    ", {} of it from the best tenth of customers": "，其中 {} 来自最佳十分之一顾客",
    "; there are no scores, so nothing is said about the future": "；没有评分，因此不谈未来",
    "; {} is expected in the next twelve": "；未来十二个月预期 {}",
    "Customers are lined up by value and cut into ten groups of equal size; a bar is a group's "
    "share of the total. In a base of equal customers all bars would stand at 10%.": (
        "顾客按价值排序并分成十组，人数相等；一根柱是一组"
        "占总额的比例。若顾客都相同，所有柱都为 10%。"
    ),
    "Expected value is discounted to today; its basis is ": "预期价值折现至今日；其基础是",
    "contribution, what remains of net revenue after the cost of goods, as most of the revenue has "
    "known costs.": "贡献，即净收入扣除商品成本，因为大部分收入的成本已知。",
    "net revenue, as costs are not known for enough of it.": "净收入，因为已知成本的部分不够多。",
    " A lifetime {}; no back-test reaches so far{}.": "生命周期{}；没有回测能达到这么远{}。",
    "ends after {} years": "在 {} 年后结束",
    "is cut off after some years": "在若干年后截断",
    "the last twelve months": "过去十二个月",
    "Tier": "层级",
    "12 months": "12 个月",
    "Each": "人均",
    "{}, untested": "{}，未检验",
    "{} years": "{} 年",
    "Lifetime": "终身",
    "All customers, not discounted": "全部顾客，未折现",
    "{} days": "{} 天",
    "Expected purchases": "预期购买",
    "Expected net revenue": "预期净收入",
    # What remains, what could be, and who stays.
    "What remains of the sales": "销售额最终剩下多少",
    "No customer has brought revenue.": "没有顾客带来收入。",
    "Of {}{} of sales {} remain as {}": "在 {}{} 的销售额中，{} 成为{}",
    "contribution": "贡献",
    "net revenue; what it cost is not known": "净收入；成本未知",
    "net revenue less the costs that are known": "净收入扣除已知成本后的余额",
    "; {} cost more than they bring": "；{}的成本高于其收入",
    "Every bar begins where the one before ends; percentages are of the first. What is not known "
    "counts as nothing.": "每根柱从前一根结束处开始；百分比以第一根为准。未知的部分不计入。",
    " Not known, or not of every customer: {}.": " 未知或并非每位顾客都已知：{}。",
    "From sales to contribution, step by step": "从销售额逐步到贡献",
    "Sales at shelf price": "标价销售额",
    "Own discounts": "自有折扣",
    "Sales, discounts off": "折后销售额",
    "Sold without a known cost": "成本未知的销售",
    "Contribution": "贡献",
    "To date": "迄今",
    "Short of the best quarter of like customers, by what they share": (
        "与同类顾客前四分之一的差距，按共同特征"
    ),
    "Below it": "低于该水平",
    "12 months short": "12 个月差距",
    "Categories not bought": "未购买的类别",
    "Referrals": "推荐",
    "Referrers": "推荐人",
    "Contribution of customers referred": "被推荐顾客的贡献",
    "Do the best customers stay": "最佳顾客是否留下",
    "Sales do not reach back far enough to compare two periods of the same length.": (
        "销售数据回溯不够远，无法比较两个等长的时期。"
    ),
    "Of the best tenth of the customers of {} to {}, {} came back in the period after and {} are "
    "among the best tenth of it": (
        "在 {} 至 {} 的最佳十分之一顾客中，{} 在下一时期再次购买，{} 仍属其最佳十分之一"
    ),
    "Sales do not reach back far enough to say whether the best customers stay": (
        "销售数据回溯不够远，无法判断最佳顾客是否留下"
    ),
    "Came back": "再次购买",
    "In the same tenth": "同一十分位",
    "Tenth {}: {} {}": "第 {} 个十分位：{} {}",
    "Tenth of the customers of the period before, best first": "前一时期的顾客十分位，最佳在前",
    "Share of customers who came back, by tenth of value": "再次购买的顾客占比，按价值十分位",
    "Customers are lined up by what they brought in one period and followed through the next, "
    "which is as long; intervals are at 95%. A first purchase is that of a new customer; only "
    "customers whose time is over count, and few customers tell no rate.": (
        "顾客按一个时期的消费排序，并跟踪到等长的下一时期；区间为 95%。首次购买指新客的首单；"
        "只计观察期已满的顾客，人数太少则不显示比率。"
    ),
    "Tenth": "十分位",
    "Same tenth": "同一十分位",
    "Better": "上升",
    "Worse": "下降",
    "Left": "离开",
    "Revenue before": "前期收入",
    "Revenue after": "后期收入",
    "In the first order, most often followed by another first": "首单内容，复购率高者在前",
    "Again within {} days": "{} 天内复购",
    "Ever again": "曾经复购",
    "Orders a year": "年订单数",
    "Revenue a year": "年收入",
    # Lists and changes.
    "CSV:": "下载 CSV：",
    "At high or medium risk": "高或中风险",
    "Next purchase due within {} days": "预计 {} 天内购买",
    "Dormant or lost, with revenue": "休眠或流失且有收入",
    "Best tenth by expected value": "预期价值最高的十分之一",
    "{} percentage points": "{} 个百分点",
    ", nothing then": "，当时为零",
    ", before the data begin": "，早于数据开始",
    ", which is not known": "，无数据",
    "{} no comparison: scores are not kept by month": "{} 无可比：评分不按月保存",
    "{} no comparison: no whole month yet": "{} 无可比：还没有完整的月份",
    "{}: ": "{}：",
    ": {}": "：{}",
    "{} on {}": "{0}，较 {1}",
    # Why revenue moved.
    "Why revenue moved": "收入为何变动",
    "No two whole periods can be compared": "没有两个完整的期间可以比较",
    "Change of net revenue{}": "净收入变化{}",
    "Change of net revenue by what drove it": "按驱动因素的净收入变化",
    "{} brought {}{}, {} against {}": "{0}净收入 {1}{2}，较{4} {3}",
    ", above all by {}": "，主要来自{}",
    "Revenue of known customers is customers x orders per customer x units per order x price per "
    "unit. A bar is what the change of each brought, averaged over all orders in which they could "
    "have changed one after another; the parts add up to the change of revenue, to the cent. Price "
    "holds what is in the basket as well as what it costs.": (
        "已知顾客的收入 = 顾客数 × 每位顾客订单数 × 每单件数 × 件单价。"
        "柱形是各因素变化带来的部分，取它们依次变化的所有先后次序的平均；"
        "各部分合计等于收入的变化，分毫不差。件单价既含价格，也含购物篮的构成。"
    ),
    "Driver": "驱动因素",
    "Brought": "带来",
    "Points of growth": "增长点数",
    "Growth, like for like": "可比增长",
    "Against": "对比",
    "Growth of what was there in both periods": "两期都存在的部分的增长",
    "{}, {} of revenue": "{}，占收入 {}",
    "Twelve months to {}": "截至 {} 的十二个月",
    "Gains and losses of categories": "品类的增与减",
    "No product that sold has a category; category in products would fill this part.": (
        "售出的商品都没有品类；products 中的 category 可填充此部分。"
    ),
    "Bought more": "多买",
    "Bought less": "少买",
    "Switched": "转换",
    "Stayed away": "未来",
    "Category": "品类",
    "{} gained most against {}: {}{}": "{}较{}增加最多：{}{}",
    "{} lost most: {}": "{}减少最多：{}",
    "customers who stayed moved {} between categories": "留下的顾客在品类之间转移了 {}",
    "No category changed": "没有品类变化",
    "{} against {}. Switched is what customers who bought in both spent less on some categories "
    "and more on others; it adds up to zero. Only the rest, the change of their total, is bought "
    "more or less. Stayed away are those who bought then and not now, for good or for a while.": (
        "{}对比{}。转换是两期都购买的顾客在一些品类少花、在另一些品类多花的部分，合计为零；"
        "其余即其总额的变化，才算多买或少买。未来是指当时购买而本期没有购买的顾客，无论长期或暂时。"
    ),
    "Change of net revenue by category and kind of customer": "按品类与顾客类型的净收入变化",
    "many customers who seem new had bought before the data begin": (
        "许多看似新的顾客在数据开始前已购买过"
    ),
    # Revenue by month.
    "First purchases and returning customers": "首次购买与回头客",
    "There is no revenue by month to show.": "没有按月的收入可展示。",
    "Month": "月份",
    "New customers": "新客数",
    "Returning customers": "回头客",
    "First purchases": "首次购买",
    "Anonymous": "匿名",
    "Given back": "退还",
    "Before": "更早",
    "{} brought {}{} of net revenue": "{}净收入 {}{}",
    "Net revenue by month and kind of customer": "按月份与顾客类型的净收入",
    "A first purchase is that of a customer whom nobody knew before the data begin; all others of "
    "known customers are returning. The parts of a month add up to its net revenue, to the cent.": (
        "首次购买是数据开始前未知的顾客的第一次购买；已知顾客的其他购买都算回头。"
        "一个月的各部分合计等于其净收入，分毫不差。"
    ),
    " † The month was not observed as a whole.": " † 该月未被完整观察。",
    "up to {} many first purchases are only the first that the data hold": (
        "截至 {}，许多首次购买只是数据中的第一次"
    ),
    "The false-lapse rate: {} bought again within {} days; to call fewer of them falsely, raise "
    "{}, to call them earlier, lower it.": (
        "误判率：{0}在 {1} 天内再次购买；要减少误判，调高 {2}；要更早判断，则调低。"
    ),
    # The page.
    "As of {}": "截至 {}",
    "Nothing has landed": "没有落地数据",
    "Sales": "销售",
    "Source": "来源",
    "version {}, {} passed": "版本 {}，{}通过",
    "{} warned": "{} 项警告",
    "Published": "发布",
    "in {}": "以 {} 计",
    "currency not stated": "未说明币种",
    "Amounts": "金额",
    "net revenue, without tax, {}": "净收入，不含税，{}",
    "{} with a purchase": "{} 位有购买",
    "no sale names a customer": "没有销售注明顾客",
    "Bought in the last month": "上月购买的顾客",
    "no sales": "没有销售",
    "no whole month yet": "还没有完整的月份",
    "{} in the last 12 months": "过去 12 个月 {}",
    "no sales have landed": "没有落地的销售",
    "Valid orders": "有效订单",
    "{} each": "每单 {}",
    "Expected value, 12 months{}": "预期价值，12 个月{}",
    "{}, discounted": "{}，已折现",
    "no scores": "没有评分",
    "Value at risk{}": "风险价值{}",
    "Revenue of known customers": "已知顾客的收入",
    "of all net revenue": "占全部净收入",
    "Revenue ties out": "收入核对",
    "in {} of {}": "{1}中 {0} 处",
    "nothing to compare": "没有可比较的",
    ", ": "、",
    "less than 0.1 percentage points": "不到 0.1 个百分点",
    "{:.1f} percentage points": "{:.1f} 个百分点",
    "Customer lifecycle": "客户生命周期",
    "In brief": "概要",
    "With care: {}.": "须谨慎：{}。",
    "How to read:": "如何阅读：",
    "Stages": "阶段",
    "Terms": "术语",
    "Lifecycle": "生命周期",
    "Segments and value": "细分与价值",
    "How customers shop": "顾客如何购物",
    "Customers have not been put into segments yet.": "尚未对顾客进行细分。",
    "Nobody is in a segment by shopping: {}.": "没有顾客按购物行为细分：{}。",
    "{}: {}, net revenue {}": "{}：{}，净收入 {}",
    "{} ({})": "{}（{}）",
    "Of {} with enough orders, by how they shop: {}": "订单足够的 {}，按购物方式：{}",
    "; {} have no segment": "；{} 未细分",
    "Customers in a segment shop alike and unlike all others; its name says what sets it apart. "
    "Values of customers with few orders are drawn to the base's, so that nobody is in a segment "
    "by chance. ": (
        "同一细分的顾客购物方式相近、与其他人不同，名称说明其突出之处。"
        "订单少的顾客的数值向总体靠拢，以免因偶然而归入某一细分。"
    ),
    "In samples of the customers the segments come back with an overlap of {} or more (1: always "
    "the same customers).": "在顾客抽样中，各细分的重合度不低于 {}（1 表示始终是同样的顾客）。",
    "Since {}, {} of the customers changed their segment.": "自 {} 以来，{} 的顾客改变了细分。",
    "The segments of the run before no longer held, and were found anew.": (
        "上次运行的细分已不再成立，已重新得出。"
    ),
    "Customers and revenue by segment of shopping": "按购物细分的顾客与收入",
    "Set apart by": "突出之处",
    "Leans to": "偏好品类",
    "Order": "客单价",
    "Expected value each": "人均预期价值",
    "Digital": "线上",
    "{} against {}": "{}，其他人 {}",
    "Channels": "渠道",
    "Data and accounting": "数据与账目",
    "Valid order": "有效订单",
    "80% interval": "80% 区间",
    "95% interval": "95% 区间",
    "PSI": "PSI",
    "False-lapse rate": "误判率",
    "what the retailer received, after its own discounts and returns, without tax.": (
        "零售商实收金额，扣除自身折扣与退货，不含税。"
    ),
    "neither cancelled nor a test nor fully returned, with net revenue above zero.": (
        "未取消、非测试、未全部退货，且净收入大于零。"
    ),
    "net revenue expected within 12 months, or over the lifetime of {} years, discounted; where "
    "most costs are known, the part of it that remains after them.": (
        "12 个月内或 {} 年生命周期内的预期净收入，已折现；大部分成本已知时，为扣除成本后的部分。"
    ),
    "net revenue expected within 12 months, or over the lifetime, discounted; where most costs are "
    "known, the part of it that remains after them.": (
        "12 个月内或终身的预期净收入，已折现；大部分成本已知时，为扣除成本后的部分。"
    ),
    "the probability of churn times what the customer brings within 12 months if the purchase is "
    "made after all. High risk: a probability above the upper limit of the settings, medium: above "
    "the lower one.": (
        "流失概率乘以顾客若仍购买在 12 个月内带来的金额。"
        "高风险：概率高于设置的上限；中风险：高于下限。"
    ),
    "the forecast in use, chosen among candidates by how they did in past windows.": (
        "当前使用的预测，按在过往窗口中的表现从候选中选出。"
    ),
    "a BTYD model: how often a customer buys, and when the customer leaves for good.": (
        "BTYD 模型：顾客多久购买一次，何时永远离开。"
    ),
    "the range in which a customer's actual figure lies in four of five cases.": (
        "顾客实际数字在五分之四情况下所在的范围。"
    ),
    "population stability index: how far the distribution of an input or score has moved.": (
        "群体稳定性指数：输入或评分的分布偏移了多少。"
    ),
    "of the customers called dormant or lost, the share that bought again soon after.": (
        "被判为休眠或流失的顾客中，不久后再次购买的占比。"
    ),
    "the range in which the true rate lies with 95% confidence, given how few customers it was "
    "counted on.": "考虑到样本量，真实比率以 95% 置信度所在的范围。",
    # What is said beside figures.
    "from {} of sales": "仅 {}的销售",
    "last 12 months": "过去 12 个月",
    "1 day of sales": "1 天的销售",
    "{} days of sales": "{} 天的销售",
    "only {} customer{}": "仅 {} 位顾客",
    "1 day": "1 天",
    "No sales have landed; the files orders and order_lines would fill this part": (
        "没有落地的销售；文件 orders 和 order_lines 可填补此部分"
    ),
    "No sale names a customer; customer_id in orders would fill this part": (
        "没有销售注明顾客；orders 中的 customer_id 可填补此部分"
    ),
    "the files touchpoints, campaign_targets and coupon_redemptions would fill this part": (
        "文件 touchpoints、campaign_targets 和 coupon_redemptions 可填补此部分"
    ),
    "from {} of the revenue, the rest is anonymous": "来自 {} 的收入，其余为匿名",
    "not tested on the past": "未用过去检验",
    "tested on the past for {} days, not for {}": "用过去检验了 {} 天，而非 {}",
    "the last test forecast {} too little": "上次检验预测偏低 {}",
    "the last test forecast {} too much": "上次检验预测偏高 {}",
    "probabilities were off by {:.0f} percentage points in the last test": (
        "上次检验中概率偏差 {:.0f} 个百分点"
    ),
    "more than the expected value, as few are expected to return": (
        "高于预期价值，因为预计很少有人回来"
    ),
    "{} of the customers by a simpler model": "{} 的顾客使用较简单的模型",
    "cost known for {} of the revenue": "{} 的收入成本已知",
    "nobody is at high or medium risk": "没有人处于高或中风险",
    "high": "高",
    "medium": "中",
    "high or medium": "高或中",
    "{:,} customer{} at {} risk": "{0:,} 位{2}风险顾客",
    "all": "全部",
    "{} of it with {}": "其中 {} 在 {}",
}
