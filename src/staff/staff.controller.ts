import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Allow, Context, type Ctx } from '../common/context.js';
import { Id } from '../common/id.js';
import {
  EmployStaff,
  type EmployedStaffView,
  type LicenceView,
  RecordLicence,
  RevokeLicence,
  type StaffList,
  toLicence,
  toStaff,
} from './staff.dto.js';
import { StaffService } from './staff.service.js';

@ApiTags('staff')
@Allow('staff.manage')
@Controller()
export class StaffController {
  constructor(private readonly staff: StaffService) {}

  /** Adds a person. The answer shows the initial password, once. */
  @Post('staff')
  async employStaff(@Context() ctx: Ctx, @Body() body: EmployStaff): Promise<EmployedStaffView> {
    const { person, initialPassword } = await this.staff.employ(ctx, body);
    return { ...toStaff(person, []), initialPassword };
  }

  /** Everybody in the clinic, with their licences. */
  @Get('staff')
  async listStaff(@Context() ctx: Ctx): Promise<StaffList> {
    const { people, licences } = await this.staff.list(ctx);
    return { items: people.map((person) => toStaff(person, licences)) };
  }

  /** Records a licence. Somebody with two professions has two. */
  @Post('staff/:id/licences')
  async recordLicence(@Context() ctx: Ctx, @Id() id: string, @Body() body: RecordLicence): Promise<LicenceView> {
    return toLicence(await this.staff.recordLicence(ctx, id, body));
  }

  /** Ends a licence at the server's instant, for good. Sessions that started before stay covered. */
  @Post('licences/:id/revocation')
  @HttpCode(200)
  async revokeLicence(@Context() ctx: Ctx, @Id() id: string, @Body() body: RevokeLicence): Promise<LicenceView> {
    return toLicence(await this.staff.revokeLicence(ctx, id, body.reason));
  }
}
